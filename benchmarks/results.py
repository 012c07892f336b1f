"""What a run of the benchmark has measured, what follows from it, and the files it is kept in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Cost
from benchmarks.opponents import TITLES

RESULTS = Path(__file__).with_name("results")

# What issue 4 asks for: CPU with tests against hand-written SQL, by number of orders; and from one size to a
# ten times larger one.
RATIO_LIMITS = {1_000_000: 2.5, 10_000_000: 1.25}
GROWTH_LIMIT = 10.5

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


def save(measurement: Measurement) -> Path:
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


def load(path: Path) -> Measurement:
    content = json.loads(path.read_text())
    fields = {name: content[name] for name in Measurement.__dataclass_fields__}
    fields["costs"] = {
        opponent: [Cost(**cost) for cost in costs] for opponent, costs in content["costs"].items()
    }
    return Measurement(**fields)


def newest_by_orders() -> list[Measurement]:
    """The last measurement of each size, smallest first."""
    newest: dict[int, Measurement] = {}
    for path in sorted(RESULTS.glob("*_*.json")):
        measurement = load(path)
        newest[measurement.orders] = measurement
    return [newest[orders] for orders in sorted(newest)]


def title(opponent: str) -> str:
    return TITLES[opponent]
