"""The benchmark: what a build costs against the same marts made by hand.

    python -m benchmarks [--orders 1000000 10000000] [--runs 3] [--only build,hand_written,polars,floor,daily,lots]

BENCH_DATA names the directory of raw data and builds (default benchmarks/data).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from rich.console import Console

from benchmarks import report, results
from benchmarks.daily import measure_daily
from benchmarks.day import link_history
from benchmarks.lots import LOTS_RESULTS, LotsMeasurement, measure_lots, save_lots
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.opponents import GROUPS, MEMORY_LIMIT, Place, remove, run_dbt, run_opponent
from benchmarks.marts import NOT_READ
from benchmarks.parts import measure_fixed_costs, measure_nodes
from benchmarks.raw import REPOSITORY
from benchmarks.results import DailyMeasurement, Measurement

console = Console()


def main() -> None:
    """Measure what was asked for, keep it, and write table and picture of the newest of each size."""
    arguments = parse_arguments()
    names = [name for group in arguments.only for name in GROUPS[group]]
    data = Path(os.environ.get("BENCH_DATA", Path(__file__).with_name("data"))).resolve()
    places = {orders: prepare(data, orders) for orders in sorted(arguments.orders)}
    compared = {orders: without_tables_not_read(place) for orders, place in places.items()}
    check_agreement(compared[min(compared)], names)
    measurements, daily, lots = [], [], []
    if names:
        measurements = [measure_size(orders, place, names, arguments.runs) for orders, place in compared.items()]
    if "daily" in arguments.only:
        daily = [measure_daily(orders, place, arguments.runs, console) for orders, place in places.items()]
    if "lots" in arguments.only:
        lots = [measure_lots(orders, place, arguments.runs, console) for orders, place in places.items()]

    for measurement in measurements:
        results.save(measurement)
    for measurement in daily:
        results.save_daily(measurement)
    for measurement in lots:
        save_lots(measurement)
    newest = results.newest_by_orders(results.RESULTS, Measurement)
    newest_daily = results.newest_by_orders(results.DAILY_RESULTS, DailyMeasurement)
    newest_lots = results.newest_by_orders(LOTS_RESULTS, LotsMeasurement)
    picture = report.plot(newest, results.RESULTS / "cpu_seconds.png")
    readme = report.write_readme(newest, newest_daily, newest_lots, picture)
    report.show(measurements, daily, lots, console)
    console.print(f"Kept in {readme.parent.relative_to(REPOSITORY)}/.")


def parse_arguments() -> argparse.Namespace:
    """The sizes, rounds and opponents that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000_000, 10_000_000], help="sizes of the demo shop")
    parser.add_argument("--runs", type=int, default=3, help="rounds; each opponent builds once in each")
    parser.add_argument("--only", type=parse_groups, default=list(GROUPS), help=f"of {','.join(GROUPS)}")
    return parser.parse_args()


def parse_groups(text: str) -> list[str]:
    """The names after `--only`; one that does not exist is told."""
    groups = text.split(",")
    unknown = sorted(set(groups) - set(GROUPS))
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(GROUPS)}")
    return groups


def prepare(data: Path, orders: int) -> Place:
    """The raw data of a size, made where it is not there yet."""
    place = Place(raw=data / f"raw_{orders}", work=data / f"work_{orders}")
    place.work.mkdir(parents=True, exist_ok=True)
    made = place.work / "raw.made"
    if not made.exists():
        with console.status(f"making a shop of {orders:,} orders"):
            subprocess.run(
                [sys.executable, "-m", "demo", "--out", str(place.raw), "--orders", str(orders)],
                cwd=REPOSITORY,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        made.touch()
    return place


def without_tables_not_read(place: Place) -> Place:
    """The same shop without the raw tables that the opponents do not read."""
    core = Place(raw=place.work / "core_raw", work=place.work)
    remove(core.raw)
    link_history(place.raw, core.raw)
    for table in core.raw.iterdir():
        if table.name.split(".")[0] in NOT_READ:
            remove(table)
    return core


def check_agreement(place: Place, names: list[str]) -> None:
    """The opponents' figures are dbt's, or there is nothing to compare."""
    others = {
        "hand_written": place.hand_written_database,
        "polars": place.polars_directory,
    }
    opponents = [name for name in others if name in names]
    if not opponents:
        return
    run("build_without_tests", place, "to compare figures")
    for name in opponents:
        run(name, place, "to compare figures")
        command = [sys.executable, "-m", "benchmarks.agreement", str(place.dbt_database), str(others[name])]
        compared = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
        if compared.returncode:
            sys.exit(f"{results.title(name)}: {compared.stderr.strip()}")
        console.print(f"{results.title(name)} gives dbt's figures in every row and column.")


def measure_size(orders: int, place: Place, names: list[str], rounds: int) -> Measurement:
    """Every opponent once, then again: what the machine does beside it falls on all alike."""
    measurement = Measurement(
        orders=orders,
        date=date.today().isoformat(),
        machine=describe_machine(),
        versions=describe_versions(),
        memory_limit=MEMORY_LIMIT,
    )
    if "build" in names:
        # dbt keeps what it has parsed, as a daily build finds it; what a cold parse costs is a part below.
        run_dbt(place, "parse")
    for number in range(1, rounds + 1):
        for name in names:
            cost = run(name, place, f"{orders:,} orders, round {number} of {rounds}")
            measurement.costs.setdefault(name, []).append(cost)
    if "build" in names:
        with console.status(f"{orders:,} orders: where the CPU goes"):
            measurement.fixed_costs = measure_fixed_costs(place)
            measurement.parts = measure_nodes(place)
    return measurement


def run(name: str, place: Place, note: str):
    """Let one opponent build once, and say so meanwhile."""
    with console.status(f"{results.title(name)}: {note}"):
        return run_opponent(name, place)


if __name__ == "__main__":
    main()
