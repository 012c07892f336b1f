"""The daily run: what a build costs that finds one day's new rows, against a rebuild of everything.

A database of the history is built once. Each daily run starts from a copy of it, with the day's files beside the
history's; the full rebuild makes a new database of the same files. The figures of both must be the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import day
from benchmarks.day import Day
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.measure import Cost, measure
from benchmarks.opponents import ALL_WITH_TESTS, ALL_WITHOUT_TESTS, MEMORY_LIMIT, Place, remove, run_dbt
from benchmarks.parts import make_empty_shop
from benchmarks.raw import REPOSITORY
from benchmarks.results import DAILY_RUNS, DailyMeasurement

# A day's rows on histories of different sizes are alike where they are drawn among as many persons. Of a shop
# ten times as large, customers that buy often would come as single ones; and have more orders behind them.
ORDERS_OF_THE_PERSONS_OF_A_DAY = 1_000_000


@dataclass(frozen=True)
class DailyPlace:
    """A shop whose history has been built, the days that may come next, and an empty shop."""

    shop: Place
    empty: Place
    days: dict[str, Day]

    @property
    def history_database(self) -> Path:
        """The build that daily runs start from."""
        return self.shop.work / "history.duckdb"

    @property
    def rebuilt_database(self) -> Path:
        """The full rebuild of the same rows, until it is compared."""
        return self.shop.work / "rebuilt.duckdb"

    @property
    def runs(self) -> list[str]:
        """What is measured in a round, in turn: each build beside that of an empty shop, which is taken off it."""
        return [run for run in DAILY_RUNS if run != "like_day" or "like_day" in self.days]


def measure_daily(orders: int, place: Place, rounds: int, console: Console) -> DailyMeasurement:
    """Measure every run of the day in each round, then models and tests one by one."""
    with console.status(f"daily run: {orders:,} orders, building the history"):
        daily = prepare(orders, place)
    measurement = DailyMeasurement(
        orders=orders,
        date=date.today().isoformat(),
        machine=describe_machine(),
        versions=describe_versions(),
        memory_limit=MEMORY_LIMIT,
        days={name: made.contents for name, made in daily.days.items()},
    )
    for number in range(1, rounds + 1):
        for run in daily.runs:
            with console.status(f"daily run: {DAILY_RUNS[run]}; {orders:,} orders, round {number} of {rounds}"):
                measurement.costs.setdefault(run, []).append(run_once(run, daily))
                if number == 1:
                    check_figures(run, daily)
    with console.status(f"daily run: {orders:,} orders, where the CPU goes"):
        measurement.nodes = measure_nodes(daily)
    for database in (daily.history_database, daily.rebuilt_database, daily.shop.dbt_database):
        remove(database)
    return measurement


def prepare(orders: int, place: Place) -> DailyPlace:
    """Build the history, and make the days that may come after it."""
    shop = Place(raw=place.work / "daily" / "raw", work=place.work / "daily")
    empty = Place(raw=place.work / "daily_empty" / "raw", work=place.work / "daily_empty")
    for directory in (shop.work, empty.work):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
    day.link_history(place.raw, shop.raw)
    make_empty_shop(shop.raw, empty.raw)
    days = {"day": day.make_day(place.raw, shop.work / "day")}
    if orders > ORDERS_OF_THE_PERSONS_OF_A_DAY:
        share = ORDERS_OF_THE_PERSONS_OF_A_DAY / orders
        days["like_day"] = day.make_day(place.raw, shop.work / "like_day", persons_share=share)
    daily = DailyPlace(shop=shop, empty=empty, days=days)
    # dbt keeps what it has parsed, as a daily build finds it.
    for each in (shop, empty):
        run_dbt(each, "parse")
    run_dbt(shop, "build", *ALL_WITHOUT_TESTS)
    shop.dbt_database.rename(daily.history_database)
    return daily


def run_once(run: str, daily: DailyPlace) -> Cost:
    """Make a run's database ready and build: its cost."""
    place = make_ready(run, daily)
    return run_dbt(place, "build", *arguments_of(run))


def make_ready(run: str, daily: DailyPlace) -> Place:
    """Let a build start with a new database, a copy of the history's or, in the empty shop, the one that is there."""
    kind = run.removesuffix("_with_tests")
    place = daily.empty if kind.startswith("empty") else daily.shop
    if kind in ("full", "empty_full"):
        remove(place.dbt_database)
    elif kind != "empty_day":
        remove(place.dbt_database)
        shutil.copyfile(daily.history_database, place.dbt_database)
    if kind == "nothing":
        day.withdraw(place.raw)
    elif place is daily.shop:
        day.deliver(daily.days["like_day" if kind == "like_day" else "day"], place.raw)
    return place


def arguments_of(run: str) -> list[str]:
    """What of the project a run builds: all of it, with or without tests."""
    return ALL_WITH_TESTS if run.endswith("_with_tests") else ALL_WITHOUT_TESTS


def check_figures(run: str, daily: DailyPlace) -> None:
    """What the daily run has made of the history is what a rebuild makes, or its cost tells nothing."""
    if run == "full":
        daily.shop.dbt_database.rename(daily.rebuilt_database)
    if run != "day":
        return
    command = [
        sys.executable, "-m", "benchmarks.same_rows", str(daily.shop.dbt_database), str(daily.rebuilt_database),
    ]  # fmt: skip
    compared = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    if compared.returncode:
        sys.exit(f"The daily run does not give the figures of a rebuild.\n{compared.stderr.strip()}")
    remove(daily.rebuilt_database)


# ---------------------------------------------------------------- models and tests

# By node, the runs with tests: they build everything and test it.
RUNS_BY_NODE = ("full_with_tests", "day_with_tests", "empty_full_with_tests", "empty_day_with_tests")


def measure_nodes(daily: DailyPlace) -> list[dict[str, Any]]:
    """The CPU of each model and test, on the day and in the full rebuild, without that of an empty shop."""
    costs = {run: run_by_node(run, daily) for run in RUNS_BY_NODE}
    return [
        {
            "name": name,
            "kind": kind,
            **{
                f"{run}_cpu_seconds": round(
                    costs[f"{run}_with_tests"][name, kind] - costs[f"empty_{run}_with_tests"][name, kind], 4
                )
                for run in ("day", "full")
            },
        }
        for name, kind in costs["full_with_tests"]
    ]


def run_by_node(run: str, daily: DailyPlace) -> dict[tuple[str, str], float]:
    """CPU seconds of each (name, kind) of a run, in one dbt process with one thread."""
    place = make_ready(run, daily)
    output = place.work / f"{run}.json"
    measure(
        [sys.executable, "-m", "benchmarks.nodes", str(output), "build", *arguments_of(run)],
        log=place.work / "nodes.log",
        environment=place.environment,
        cwd=REPOSITORY,
    )
    return {(node["name"], node["kind"]): node["cpu_seconds"] for node in json.loads(output.read_text())}
