"""The builds that are compared: how each is called, on a raw directory and in a place of its own."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.marts import MARTS
from benchmarks.measure import Cost, measure
from benchmarks.raw import REPOSITORY

MEMORY_LIMIT = "4GiB"
DBT = str(Path(sys.executable).with_name("dbt"))

# The core marts, whatever they need, and the tests of these alone. Unit tests test code: they are no
# part of a daily build.
SELECTION = ["--select", *(f"+{mart}" for mart in MARTS), "--indirect-selection", "cautious"]
WITH_TESTS = [*SELECTION, "--exclude-resource-type", "unit_test"]
WITHOUT_TESTS = [*SELECTION, "--resource-type", "seed", "--resource-type", "model"]
# The daily run is of everything, as a job would have it: reports beside the core marts too.
ALL_WITH_TESTS = ["--exclude-resource-type", "unit_test"]
ALL_WITHOUT_TESTS = ["--resource-type", "seed", "--resource-type", "model"]

TITLES = {
    "build": "dbt build",
    "build_without_tests": "dbt build without tests",
    "hand_written": "hand-written SQL",
    "polars": "hand-written polars",
    "floor": "floor: one scan, one sum",
}
# What `--only` may name.
GROUPS = {
    "build": ["build", "build_without_tests"],
    "hand_written": ["hand_written"],
    "polars": ["polars"],
    "floor": ["floor"],
    # No opponents: daily.py and lots.py measure them.
    "daily": [],
    "lots": [],
}


@dataclass(frozen=True)
class Place:
    """A raw directory, and where builds of it are put."""

    raw: Path
    work: Path

    @property
    def dbt_database(self) -> Path:
        """What dbt builds."""
        return self.work / "warehouse.duckdb"

    @property
    def hand_written_database(self) -> Path:
        """What the script builds."""
        return self.work / "hand_written.duckdb"

    @property
    def polars_directory(self) -> Path:
        """What polars writes."""
        return self.work / "polars"

    @property
    def target(self) -> Path:
        """What dbt has parsed and compiled for this place."""
        return self.work / "target"

    @property
    def environment(self) -> dict[str, str]:
        """What tells dbt of this place."""
        return {
            "RETENTION_RAW_DIR": str(self.raw),
            "RETENTION_DB": str(self.dbt_database),
            "RETENTION_MEMORY_LIMIT": MEMORY_LIMIT,
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(self.work / "logs"),
        }


def run_dbt(place: Place, command: str, *arguments: str) -> Cost:
    """A dbt command on a place, in a process of its own: its cost."""
    return measure(
        [DBT, "--quiet", command, *arguments],
        log=place.work / f"dbt_{command}.log",
        environment=place.environment,
        cwd=REPOSITORY,
    )


def run_opponent(name: str, place: Place) -> Cost:
    """Let one opponent build anew. What it built before is gone; dbt keeps its parsed project."""
    match name:
        case "build":
            remove(place.dbt_database)
            return run_dbt(place, "build", *WITH_TESTS)
        case "build_without_tests":
            remove(place.dbt_database)
            return run_dbt(place, "build", *WITHOUT_TESTS)
        case "hand_written":
            remove(place.hand_written_database)
            return run_module(place, name, str(place.hand_written_database))
        case "polars":
            remove(place.polars_directory)
            return run_module(place, "hand_written_polars", str(place.polars_directory))
        case "floor":
            return run_module(place, name)
    raise ValueError(f"There is no opponent {name}.")


def run_module(place: Place, module: str, *arguments: str) -> Cost:
    """A module of the benchmark on a place, in a process of its own: its cost."""
    return measure(
        [sys.executable, "-m", f"benchmarks.{module}", str(place.raw), *arguments],
        log=place.work / f"{module}.log",
        environment=place.environment,
        cwd=REPOSITORY,
    )


def remove(path: Path) -> None:
    """Delete a database with its log, or a directory."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
