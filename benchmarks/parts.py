"""Where the CPU of a dbt build goes: dbt itself, each model, each test.

dbt's own cost is that of commands that have nothing to do: a parse, a build of a shop without rows. What a model
or a test costs is measured without dbt: the SQL that dbt has run is run again, statement by
statement in one DuckDB process, with `getrusage` around each.

    python -m benchmarks.parts TARGET_DIRECTORY BUILT_DATABASE NEW_DATABASE OUTPUT.json
"""

from __future__ import annotations

import json
import re
import resource
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import measure
from benchmarks.opponents import WITH_TESTS, WITHOUT_TESTS, Place, remove, run_dbt
from benchmarks.raw import REPOSITORY
from benchmarks.results import BUILD_OF_NO_ROWS
from landing.warehouse import connect

KINDS = ("seed", "model", "test")


@dataclass(frozen=True)
class Part:
    """One node of the build: a seed, a model or a test."""

    name: str
    kind: str
    subject: str
    materialized: str
    cpu_seconds: float
    wall_seconds: float
    # What dbt says that it took, with one thread: the same and dbt's own work for it.
    dbt_seconds: float


# ---------------------------------------------------------------- dbt itself


def measure_fixed_costs(place: Place) -> dict[str, float]:
    """CPU seconds of dbt commands that have no row to work on."""
    empty = Place(raw=place.work / "raw_empty", work=place.work / "empty")
    make_empty_shop(place.raw, empty.raw)
    shutil.rmtree(empty.work, ignore_errors=True)
    empty.work.mkdir()
    start = measure([sys.executable, "-c", "import dbt.cli.main"], log=empty.work / "start.log")
    cold_parse = run_dbt(empty, "parse")
    warm_parse = run_dbt(empty, "parse")
    build = run_dbt(empty, "build", *WITH_TESTS)
    remove(empty.dbt_database)
    without_tests = run_dbt(empty, "build", *WITHOUT_TESTS)
    return {
        "start of Python and dbt": start.cpu_seconds,
        "dbt parse, cold": cold_parse.cpu_seconds,
        "dbt parse, warm": warm_parse.cpu_seconds,
        "dbt build of no rows, without tests": without_tests.cpu_seconds,
        BUILD_OF_NO_ROWS: build.cpu_seconds,
    }


def make_empty_shop(raw: Path, empty: Path) -> None:
    """The raw tables of a shop, with all their columns and none of their rows."""
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir(parents=True)
    for home in raw.iterdir():
        files = f"{home}/**/*.parquet" if home.is_dir() else str(home)
        duckdb.sql(
            f"copy (from read_parquet('{files}', union_by_name = true) limit 0) to '{empty / home.stem}.parquet'"
        )


# ---------------------------------------------------------------- models and tests


def measure_nodes(place: Place) -> list[dict[str, Any]]:
    """Each node as dbt runs it, one after the other, and its SQL alone in a process of its own."""
    remove(place.dbt_database)
    run_dbt(place, "build", *WITH_TESTS, "--threads", "1")
    output = place.work / "parts.json"
    database = place.work / "parts" / place.dbt_database.name
    shutil.rmtree(database.parent, ignore_errors=True)
    database.parent.mkdir()
    measure(
        [
            sys.executable, "-m", "benchmarks.parts",
            str(place.target), str(place.dbt_database), str(database), str(output),
        ],
        log=place.work / "parts.log",
        environment=place.environment,
        cwd=REPOSITORY,
    )  # fmt: skip
    shutil.rmtree(database.parent)
    return json.loads(output.read_text())


def main(target: str, built: str, new: str, output: str) -> None:
    """Run the SQL of each node of the last build again, in a new database, and write what each costs."""
    manifest = json.loads((Path(target) / "manifest.json").read_text())
    connection = connect(new)
    make_schemas(connection, manifest)
    copy_views_of_raw_tables(connection, built)
    parts = [
        run_node(connection, node, Path(target), dbt_seconds)
        for node, dbt_seconds in order_nodes(manifest, Path(target))
    ]
    connection.close()
    Path(output).write_text(json.dumps([asdict(part) for part in parts]))


def make_schemas(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> None:
    """The schemas that dbt makes before it builds."""
    for schema in {node["schema"] for node in manifest["nodes"].values()} | {"conformed", "raw_text"}:
        connection.execute(f'create schema if not exists "{schema}"')


def copy_views_of_raw_tables(connection: duckdb.DuckDBPyConnection, built: str) -> None:
    """The views that conform_raw_tables has made at the start of the build."""
    with duckdb.connect(built, read_only=True) as source:
        views = source.execute("select sql from duckdb_views() where schema_name = 'conformed'").fetchall()
    for [statement] in views:
        connection.execute(statement)


def order_nodes(manifest: dict[str, Any], target: Path) -> list[tuple[dict[str, Any], float]]:
    """The nodes of the last build with dbt's time for each, each after what it reads; tests last."""
    results = json.loads((target / "run_results.json").read_text())["results"]
    timed = [(manifest["nodes"].get(result["unique_id"]), result["execution_time"]) for result in results]
    built = [(node, seconds) for node, seconds in timed if node and node["resource_type"] in KINDS]
    # run_results tells the nodes in the order in which they ended, which is an order to build them in.
    return sorted(built, key=lambda node_and_seconds: node_and_seconds[0]["resource_type"] == "test")


def run_node(
    connection: duckdb.DuckDBPyConnection, node: dict[str, Any], target: Path, dbt_seconds: float
) -> Part:
    """Run one node's SQL in a transaction of its own: its cost."""
    statement = node_sql(node, target)
    cpu_before, started = cpu_seconds(), time.perf_counter()
    # As dbt does: a table is made and filled in one transaction.
    connection.execute("begin")
    connection.execute(statement).fetchall()
    connection.execute("commit")
    return Part(
        name=node["name"],
        kind=node["resource_type"],
        subject=subject(node),
        materialized=node["config"]["materialized"],
        cpu_seconds=round(cpu_seconds() - cpu_before, 4),
        wall_seconds=round(time.perf_counter() - started, 4),
        dbt_seconds=round(dbt_seconds, 4),
    )


def node_sql(node: dict[str, Any], target: Path) -> str:
    """What dbt has run for a node: contracts included, without the renaming of tables."""
    if node["resource_type"] == "seed":
        relation = f'"{node["schema"]}"."{node["alias"]}"'
        file = REPOSITORY / node["original_file_path"]
        return f"create table {relation} as from read_csv('{file}', header = true)"
    inside_target = node["compiled_path"].split("/compiled/", maxsplit=1)[1]
    run_file = target / "run" / inside_target
    return re.sub(r"__dbt_tmp\b", "", run_file.read_text())


def subject(node: dict[str, Any]) -> str:
    """The folder of a model; the tests and the seeds are a subject each."""
    if node["resource_type"] == "model":
        return Path(node["original_file_path"]).parent.name
    return f"{node['resource_type']}s"


def cpu_seconds() -> float:
    """User and system seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
