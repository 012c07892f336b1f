"""What a run of the benchmark has measured, what follows from it, and the files it is kept in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from benchmarks.measure import Cost
from benchmarks.opponents import TITLES

RESULTS = Path(__file__).with_name("results")
DAILY_RESULTS = RESULTS / "daily"

# Targets: CPU with tests against hand-written SQL, by number of orders; and from one size to a
# ten times larger one.
RATIO_LIMITS = {1_000_000: 2.5, 10_000_000: 1.25}
GROWTH_LIMIT = 10.5
# SQL of a day against that of a full rebuild, and from one size to a ten times larger one.
DAY_LIMIT = 0.05
DAY_GROWTH_LIMIT = 1.5

BUILD_OF_NO_ROWS = "dbt build of no rows"


@dataclass
class Measurement:
    """One size: each opponent's costs, round by round, and the parts of the dbt build."""

    orders: int
    date: str
    machine: dict[str, Any]
    versions: dict[str, str]
    memory_limit: str
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    fixed_costs: dict[str, float] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)

    def median(self, opponent: str, measure: str = "cpu_seconds") -> float:
        """Of the rounds: CPU seconds, or another of a cost's measures."""
        return median(getattr(cost, measure) for cost in self.costs[opponent])

    def ratio(self, opponent: str, to: str = "hand_written") -> float | None:
        """The median of the rounds' CPU ratios: what disturbs a round disturbs both of its runs."""
        if opponent not in self.costs or to not in self.costs:
            return None
        return median(
            one.cpu_seconds / other.cpu_seconds
            for one, other in zip(self.costs[opponent], self.costs[to], strict=True)
        )

    def part_sums(self) -> dict[str, float]:
        """CPU seconds by part, each measured alone: dbt itself, each subject's models, the tests."""
        if not self.parts:
            return {}
        sums = {"dbt itself": self.fixed_costs[BUILD_OF_NO_ROWS]}
        for part in sorted(self.parts, key=lambda part: part["kind"] == "test"):
            sums[part["subject"]] = sums.get(part["subject"], 0) + part["cpu_seconds"]
        return sums

    def scaled_parts(self) -> dict[str, float]:
        """The parts in proportion, so that they add up to what the build has cost."""
        sums = self.part_sums()
        scale = self.median("build") / sum(sums.values()) if sums else 1
        return {part: seconds * scale for part, seconds in sums.items()}


# What is measured of the daily run, in the order of a round.
DAILY_RUNS = {
    "full": "full rebuild",
    "empty_full": "full rebuild of an empty shop",
    "day": "daily run",
    "empty_day": "daily run of an empty shop",
    "like_day": "daily run, customers as of a smaller shop",
    "nothing": "daily run without new rows",
    "full_with_tests": "full rebuild with tests",
    "day_with_tests": "daily run with tests",
}
# What dbt costs in each of them, whatever the rows: start, parse, hooks, and each statement on no rows.
FIXED_COSTS = {
    "full": "empty_full",
    "day": "empty_day",
    "like_day": "empty_day",
    "nothing": "empty_day",
}


@dataclass
class DailyMeasurement:
    """One size: what each run has cost, round by round, and each model and test on the day."""

    orders: int
    date: str
    machine: dict[str, Any]
    versions: dict[str, str]
    memory_limit: str
    # What the day brings: rows by table, customers concerned, their earlier orders.
    days: dict[str, dict[str, int]] = field(default_factory=dict)
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    nodes: list[dict[str, Any]] = field(default_factory=list)

    def median(self, run: str, measure: str = "cpu_seconds") -> float:
        """Of the rounds: CPU seconds, or another of a cost's measures."""
        return median(getattr(cost, measure) for cost in self.costs[run])

    def sql_by_round(self, run: str) -> list[float]:
        """CPU seconds without dbt's fixed cost of the same round."""
        return [
            cost.cpu_seconds - fixed.cpu_seconds
            for cost, fixed in zip(self.costs[run], self.costs[FIXED_COSTS[run]], strict=True)
        ]

    def sql(self, run: str) -> float:
        """CPU seconds of SQL: the median of the rounds'."""
        return median(self.sql_by_round(run))

    def ratio(self, run: str) -> float:
        """To the full rebuild: the median of the rounds' ratios."""
        return median(
            day / full for day, full in zip(self.sql_by_round(run), self.sql_by_round("full"), strict=True)
        )

    def tests(self, run: str) -> float:
        """CPU seconds of the tests of `day` or `full`, as they were measured one by one."""
        return sum(node[f"{run}_cpu_seconds"] for node in self.nodes if node["kind"] == "test")


def targets(measurements: list[Measurement]) -> list[tuple[str, float, float]]:
    """Every target that this run can judge: what it is, what was reached, what is asked for."""
    judged = []
    by_orders = {measurement.orders: measurement for measurement in measurements}
    for orders, limit in RATIO_LIMITS.items():
        if orders in by_orders and (ratio := by_orders[orders].ratio("build")):
            judged.append((f"dbt build / hand-written SQL at {orders:,} orders", ratio, limit))
    small, large = (by_orders.get(orders) for orders in RATIO_LIMITS)
    if small and large and "build" in small.costs:
        growth = large.median("build") / small.median("build")
        judged.append((f"dbt build, {large.orders:,} / {small.orders:,} orders", growth, GROWTH_LIMIT))
    return judged


def daily_targets(measurements: list[DailyMeasurement]) -> list[tuple[str, float, float]]:
    """As `targets`, of the daily run."""
    judged = []
    by_orders = {measurement.orders: measurement for measurement in measurements}
    small, large = (by_orders.get(orders) for orders in RATIO_LIMITS)
    if large:
        judged.append((f"SQL of the day / of a full rebuild at {large.orders:,} orders", large.ratio("day"), DAY_LIMIT))
    if small and large:
        growth = large.sql("like_day") / small.sql("day")
        judged.append(
            (f"SQL of the same day, {large.orders:,} / {small.orders:,} orders of history", growth, DAY_GROWTH_LIMIT)
        )
    return judged


def save(measurement: Measurement) -> Path:
    """Keep a measurement as JSON, with medians and ratios; the file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{measurement.date}_{measurement.orders}.json"
    content = asdict(measurement) | {
        "medians": {
            opponent: {measure: round(measurement.median(opponent, measure), 3) for measure in asdict(costs[0])}
            for opponent, costs in measurement.costs.items()
        },
        "ratios_to_hand_written": {
            opponent: round(ratio, 3)
            for opponent in measurement.costs
            if (ratio := measurement.ratio(opponent)) is not None
        },
    }
    path.write_text(json.dumps(content, indent=2, default=str) + "\n")
    return path


def save_daily(measurement: DailyMeasurement) -> Path:
    """Keep a measurement of the daily run as JSON, with what follows from it; the file."""
    DAILY_RESULTS.mkdir(parents=True, exist_ok=True)
    path = DAILY_RESULTS / f"{measurement.date}_{measurement.orders}.json"
    content = asdict(measurement) | {
        "sql_cpu_seconds": {run: round(measurement.sql(run), 3) for run in FIXED_COSTS if run in measurement.costs},
        "day_to_full_rebuild": round(measurement.ratio("day"), 4),
        "tests_cpu_seconds": {run: round(measurement.tests(run), 3) for run in ("full", "day")},
    }
    path.write_text(json.dumps(content, indent=2, default=str) + "\n")
    return path


Kind = TypeVar("Kind")


def load(path: Path, kind: type[Kind]) -> Kind:
    """A measurement that was kept; what followed from it is computed anew."""
    content = json.loads(path.read_text())
    fields = {name: content[name] for name in kind.__dataclass_fields__}
    fields["costs"] = {name: [Cost(**cost) for cost in costs] for name, costs in content["costs"].items()}
    return kind(**fields)


def newest_by_orders(directory: Path, kind: type[Kind]) -> list[Kind]:
    """The last measurement of each size, smallest first."""
    newest: dict[int, Kind] = {}
    for path in sorted(directory.glob("*_*.json")):
        measurement = load(path, kind)
        newest[measurement.orders] = measurement
    return [newest[orders] for orders in sorted(newest)]


def title(opponent: str) -> str:
    """What an opponent is called where people read of it."""
    return TITLES[opponent]
