"""Lots of points: what the models cost against a closed form by hand, and what the report by period costs.

The models' statements are run as dbt has run them, the script beside them, each in a process of its own on a copy of
the same ledger.

    python -m benchmarks.lots DATABASE STATEMENTS.sql
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
from rich.console import Console

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measure import Cost, measure
from benchmarks.opponents import Place, remove, run_dbt
from benchmarks.parts import node_sql
from benchmarks.raw import REPOSITORY
from benchmarks.results import RESULTS
from landing.warehouse import connect

LOTS_RESULTS = RESULTS / "lots"
SCRIPT = Path(__file__).with_name("lots.sql")
# What is asked for.
MEMORY_LIMIT = "6GiB"
MEMORY_LIMIT_MIB = 6 * 1024
RATIO_LIMIT = 1.5

MODELS = (
    "int_batch_lot_entries", "int_point_cancellations", "int_point_lot_uses_closed_form", "int_point_lot_uses_folded",
    "int_point_lot_uses", "int_point_lots", "fct_point_lots",
)  # fmt: skip
REPORTS = ("int_loyalty_by_period", "rpt_loyalty_by_period")
# What the models read, beside each other.
READ = ("marts.fct_loyalty_transactions", "intermediate.int_program_expiry", "intermediate.int_as_of")
# What is compared: the models' table, its columns that the script does not make, the script's table.
COMPARED = (
    ("intermediate.int_point_lot_uses", "lot_order", "hand_written.lot_uses"),
    ("marts.fct_point_lots", None, "hand_written.point_lots"),
)

# What is measured, in the order of a round.
RUNS = {
    "models": "dbt's models",
    "hand_written": "hand-written SQL",
    "models_whole": "dbt's models, folded members too",
    "period_report": "dbt's report by period",
}


@dataclass
class LotsMeasurement:
    """One size: what each run has cost, round by round."""

    orders: int
    date: str
    machine: dict[str, Any]
    versions: dict[str, str]
    memory_limit: str
    contents: dict[str, int] = field(default_factory=dict)
    costs: dict[str, list[Cost]] = field(default_factory=dict)

    def median(self, run: str, measure: str = "cpu_seconds") -> float:
        """Of the rounds: CPU seconds, or another of a cost's measures."""
        return median(getattr(cost, measure) for cost in self.costs[run])

    def ratio(self, run: str) -> float:
        """To the hand-written script: the median of the rounds' ratios."""
        return median(
            one.cpu_seconds / other.cpu_seconds
            for one, other in zip(self.costs[run], self.costs["hand_written"], strict=True)
        )


@dataclass(frozen=True)
class LotsPlace:
    """A built shop, its ledger with all members and without those that are folded, and where runs take place."""

    shop: Place

    @property
    def statements(self) -> Path:
        """Where the statements of each run are kept."""
        return self.shop.work / "statements"

    def ledger(self, run: str) -> Path:
        """The ledger that a run starts from."""
        return self.shop.work / ("whole.duckdb" if run == "models_whole" else "in_line.duckdb")

    def database(self, run: str) -> Path:
        """The models' statements name their database."""
        return self.shop.dbt_database if run == "period_report" else self.shop.work / run / self.shop.dbt_database.name


def measure_lots(orders: int, place: Place, rounds: int, console: Console) -> LotsMeasurement:
    """Compare the figures of models and script, then measure both in turn."""
    with console.status(f"lots: {orders:,} orders, building what they need"):
        lots = prepare(place)
    measurement = LotsMeasurement(
        orders=orders,
        date=date.today().isoformat(),
        machine=describe_machine(),
        versions=describe_versions(),
        memory_limit=MEMORY_LIMIT,
        contents=in_a_process(describe_ledger, lots),
    )
    with console.status(f"lots: {orders:,} orders, comparing figures"):
        for run in ("models", "hand_written"):
            run_once(run, lots)
        in_a_process(check_figures, lots)
    console.print(f"Lots by hand are dbt's in every row and column at {orders:,} orders.")
    for number in range(1, rounds + 1):
        for run, name in RUNS.items():
            with console.status(f"lots: {name}; {orders:,} orders, round {number} of {rounds}"):
                measurement.costs.setdefault(run, []).append(run_once(run, lots))
    shutil.rmtree(lots.shop.work)
    return measurement


def prepare(place: Place) -> LotsPlace:
    """Build all that the models and the report read, and take the ledger out of it."""
    lots = LotsPlace(Place(raw=place.raw, work=place.work / "lots"))
    shutil.rmtree(lots.shop.work, ignore_errors=True)
    lots.statements.mkdir(parents=True)
    selection = [f"+{model}" for model in (*MODELS, *REPORTS)]
    run_dbt(lots.shop, "build", "--select", *selection, "--resource-type", "seed", "--resource-type", "model")
    write_statements(lots)
    folded = "select 1 from built.intermediate.int_point_lot_uses_folded as folded where "
    folded += "folded.customer_id = taken.customer_id and folded.program_id = taken.program_id"
    in_a_process(take_out, lots, lots.ledger("models_whole"), "true")
    in_a_process(take_out, lots, lots.ledger("models"), f"not exists ({folded})")
    return lots


def in_a_process(function: Callable, *arguments: Any) -> Any:
    """Linux counts what a program has held to the peak of those that it starts later."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as processes:
        return processes.submit(function, *arguments).result()


def write_statements(lots: LotsPlace) -> None:
    """What dbt has run for the models and the report, and the script, as files of statements."""
    manifest = json.loads((lots.shop.target / "manifest.json").read_text())
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    models = [node_sql(nodes[name], lots.shop.target) for name in MODELS]
    # The report is there already: it is made anew beside it.
    reports = [
        re.sub(rf'"({name})"', r'"\1__anew"', node_sql(nodes[name], lots.shop.target), count=1) for name in REPORTS
    ]
    reports += [f"drop table {nodes[name]['schema']}.{name}__anew" for name in REPORTS]
    for run, statements in {"models": models, "models_whole": models, "period_report": reports}.items():
        (lots.statements / f"{run}.sql").write_text(";\n".join(statement.strip(" ;\n") for statement in statements))
    shutil.copyfile(SCRIPT, lots.statements / "hand_written.sql")


def take_out(lots: LotsPlace, ledger: Path, condition: str) -> None:
    """A database of the ledger rows that meet a condition, and what is read beside them."""
    connection = connect(str(ledger), MEMORY_LIMIT)
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"attach '{lots.shop.dbt_database}' as built (read_only)")
    for table in READ:
        connection.execute(f"create schema if not exists {table.split('.')[0]}")
        is_ledger = table.endswith("transactions")
        connection.execute(
            f"create table {table} as select * from built.{table} as taken where {condition if is_ledger else 'true'}"
        )
    connection.close()


def describe_ledger(lots: LotsPlace) -> dict[str, int]:
    """Entries and members, of the shop and without folded members."""
    contents = {}
    for run, name in {"models_whole": "of the shop", "models": "without folded members"}.items():
        with duckdb.connect(str(lots.ledger(run)), read_only=True) as connection:
            entries, members = connection.execute(
                "select count(*), count(distinct (customer_id, program_id)) from marts.fct_loyalty_transactions"
            ).fetchone()
        contents |= {f"entries {name}": entries, f"members {name}": members}
    return contents


def run_once(run: str, lots: LotsPlace) -> Cost:
    """Run one file of statements in a process of its own, on a fresh copy of the ledger: its cost."""
    database = lots.database(run)
    if run != "period_report":
        shutil.rmtree(database.parent, ignore_errors=True)
        database.parent.mkdir()
        shutil.copyfile(lots.ledger(run), database)
    return measure(
        [sys.executable, "-m", "benchmarks.lots", str(database), str(lots.statements / f"{run}.sql")],
        log=lots.shop.work / f"{run}.log",
        environment={"RETENTION_MEMORY_LIMIT": MEMORY_LIMIT},
        cwd=REPOSITORY,
    )


def check_figures(lots: LotsPlace) -> None:
    """Who took what from which lot, and what became of it, row for row."""
    connection = connect(memory_limit=MEMORY_LIMIT)
    connection.execute("set enable_progress_bar = false")
    # As views name it.
    connection.execute(f"attach '{lots.database('models')}' as warehouse (read_only)")
    connection.execute(f"attach '{lots.database('hand_written')}' as by_hand (read_only)")
    for built, not_made, made in COMPARED:
        rows = connection.execute(f"describe warehouse.{built}").fetchall()
        columns = ", ".join(row[0] for row in rows if row[0] != not_made)
        built_rows = f"select {columns} from warehouse.{built}"
        made_rows = f"select {columns} from by_hand.{made}"
        for name, one, other in (("dbt's", built_rows, made_rows), ("the script's", made_rows, built_rows)):
            example = connection.execute(f"{one} except all {other} limit 1").fetchone()
            if example:
                sys.exit(f"Lots by hand are not those of {built}. One of {name} rows alone: {example}.")
    connection.close()
    for run in ("models", "hand_written"):
        remove(lots.database(run))


def lots_targets(measurements: list[LotsMeasurement]) -> list[tuple[str, float, float]]:
    """Ratio and memory of each size: what, how much was reached, what is asked for."""
    judged = []
    for measurement in measurements:
        size = f"at {measurement.orders:,} orders"
        judged.append((f"lots: dbt's models / hand-written SQL {size}", measurement.ratio("models"), RATIO_LIMIT))
        for run in ("models_whole", "period_report"):
            gibibytes = measurement.median(run, "peak_memory_mib") / 1024
            judged.append((f"{RUNS[run]}: GiB of memory {size}", gibibytes, MEMORY_LIMIT_MIB / 1024))
    return judged


def save_lots(measurement: LotsMeasurement) -> Path:
    """Keep a measurement as JSON, with its ratio; the file."""
    LOTS_RESULTS.mkdir(parents=True, exist_ok=True)
    path = LOTS_RESULTS / f"{measurement.date}_{measurement.orders}.json"
    content = asdict(measurement) | {"models_to_hand_written": round(measurement.ratio("models"), 3)}
    path.write_text(json.dumps(content, indent=2, default=str) + "\n")
    return path


# ---------------------------------------------------------------- rows of the tables

LOTS_COLUMNS = ["", "CPU s", "to hand-written", "wall s", "peak MiB", "load before"]
LEDGER_COLUMNS = ["ledger", "rows"]


def lots_rows(measurement: LotsMeasurement) -> list[list[str]]:
    """The table's rows: a run each."""
    return [
        [
            RUNS[run],
            f"{measurement.median(run):,.1f}",
            f"{measurement.ratio(run):.2f}" if run != "period_report" else "",
            f"{measurement.median(run, 'wall_seconds'):,.1f}",
            f"{measurement.median(run, 'peak_memory_mib'):,.0f}",
            " ".join(f"{cost.load_before:.1f}" for cost in costs),
        ]
        for run, costs in measurement.costs.items()
    ]


def ledger_rows(measurement: LotsMeasurement) -> list[list[str]]:
    """What the ledgers hold."""
    return [[name, f"{count:,}"] for name, count in measurement.contents.items()]


# ---------------------------------------------------------------- a run


def main(database: str, statements: str) -> None:
    """Run a file of statements on a database."""
    connection = connect(database)
    # One at a time: parsed together, two statements could not have a window of one name.
    for statement in Path(statements).read_text().split(";\n"):
        connection.execute(statement)
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
