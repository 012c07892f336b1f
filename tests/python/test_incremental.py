"""Incremental builds equal full ones: every table that people read, after any loads and accidents.

`make test` follows one feed and one chain of accidents, `make proof` some hundred feeds (feeds.py)
and every accident by itself:

    make proof FEEDS=1-300      the number in a test's name is the feed's seed; FEEDS=17-300 goes on
"""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import duckdb
import pytest
from dbt.task.run import ModelRunner
from dbt_common.exceptions import DbtRuntimeError

from databases import unequal_tables
from feeds import TABLES, VAR_CHANGES, draw_feed, draw_plan, feed_of
from harness import DATABASE_NAME, REPOSITORY, Project, environment
from replay import Replay, described, follow, succeeded

FEEDS = os.environ.get("RETENTION_FEEDS", "")
IS_PROOF = bool(FEEDS)
proof = pytest.mark.skipif(not IS_PROOF, reason="make proof")
# Rows of every table, two loads with one stamp, then merged accounts alone, with the stamp of before.
SHORT_FEED = "short 732233"
# What the landing gate has found; no feed goes through it.
WITHOUT_RAW = {"marts.rpt_batch_profiles", "marts.rpt_batch_verdicts"}


def _seeds() -> list[str]:
    first, _, last = FEEDS.partition("-")
    return [str(seed) for seed in range(int(first), int(last or first) + 1)] if FEEDS else []


# ---------------------------------------------------------------- the feeds


@pytest.mark.parametrize("seed", _seeds())
def test_a_feed_equals_full_builds(seed: str, project: Project, tmp_path: Path) -> None:
    feed = draw_feed(seed)
    step, found = follow(Replay(feed, project, tmp_path))
    # Hundreds of feeds are more than a disk need hold.
    shutil.rmtree(tmp_path)
    assert not found, described(feed, step, found)


# ---------------------------------------------------------------- a day that goes wrong


@dataclass
class Day:
    """A database built some time ago, today's raw zone, and what a full build makes of it."""

    replay: Replay
    before: Path
    full: Path

    @property
    def variables(self) -> dict[str, Any]:
        return dict(self.replay.feed.plan.steps[-1].variables)

    def copy(self, directory: Path, database: Path | None = None) -> Replay:
        """The database of then, or another, and today's raw zone: to do with as one likes."""
        copied = Replay(self.replay.feed, self.replay.project, directory)
        shutil.copytree(self.replay.raw, copied.raw)
        copied.database.parent.mkdir(parents=True)
        shutil.copy(database or self.before, copied.database)
        return copied

    def assert_equal(self, other: Replay) -> None:
        _assert_equal(self.full, other)


def _assert_equal(full: Path, other: Replay) -> None:
    found = unequal_tables(full, other.database, other.directory / "compared.duckdb")
    assert not found, "\n".join(map(str, found))


def _build(replay: Replay, day: Day, **changes: Any) -> None:
    arguments = {"vars": day.variables, "command": "run", "database": replay.database} | changes
    succeeded(replay.project.build(replay.raw, **arguments), "build")


@pytest.fixture(scope="module")
def day(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Day:
    feed = draw_feed(SHORT_FEED)
    replay = Replay(feed, project, tmp_path_factory.mktemp("day"))
    replay.load(0)
    _add_refunds_before_their_orders(replay)
    succeeded(replay.build(0), "build 0")
    before = replay.directory / "before" / DATABASE_NAME
    before.parent.mkdir()
    shutil.copy(replay.database, before)
    replay.take(1)
    replay.load(2)
    return Day(replay, before, replay.build_in_full(2))


def _add_refunds_before_their_orders(replay: Replay) -> None:
    """Without ids they are in quarantine before and after, for other reasons."""
    known, arriving = ({row["order_id"] for row in replay.feed.rows(step)["orders"]} for step in (0, 1))
    first = next(replay.raw.glob("refunds/*.parquet"))
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select rows.* replace (null as refund_id, arriving.order_id as order_id, "
            "rows._loaded_at - interval 1 day as _loaded_at) "
            f"from (from '{first}' limit 1) as rows "
            f"cross join unnest({sorted(arriving - known - {None})}) as arriving (order_id)) "
            f"to '{first.with_stem('early')}' (format parquet)"
        )
    # As old as the other files, which the next run therefore takes for read.
    shutil.copystat(first, first.with_stem("early"))


def test_loads_between_builds_equal_a_full_build(day: Day) -> None:
    day.replay.take(2)
    day.assert_equal(day.replay)
    assert not day.replay.built_anew, "these were no increments"


def test_sums_hold_one_row_for_each_key(day: Day, project: Project) -> None:
    """Kept as rows of their own, the changes of each batch would make them grow without end."""
    models = [
        node for node in project.manifest.nodes.values() if node.config.get("incremental_strategy") == "changes"
    ]
    repeated = {}
    with duckdb.connect(str(day.replay.database), read_only=True) as connection:
        for node in models:
            key = ", ".join(node.config.unique_key)
            repeated[node.name] = connection.execute(
                f"select count(*) from (select 1 from {node.schema}.{node.alias} group by {key} having count(*) > 1)"
            ).fetchone()[0]
    assert models
    assert not {name: count for name, count in repeated.items() if count}


def _watermarks(database: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            "select * exclude (batch) from state.watermarks "
            "where batch = (select max(batch) from state.batches) order by table_name"
        ).fetchall()


def test_rows_of_files_that_stay_are_known_without_reading(day: Day) -> None:
    """Added to those of new files they come to what a look at all rows finds."""
    with duckdb.connect(str(day.before), read_only=True) as connection:
        known = connection.execute("select count(distinct table_name) from state.raw_files").fetchone()
    assert known == (6,), "all rows were looked at"
    assert _watermarks(day.replay.database) == _watermarks(day.full)


def test_files_that_stay_are_not_read(day: Day, tmp_path: Path) -> None:
    """What was known of their rows is gone on from, even if it is not true of them."""
    copied = day.copy(tmp_path / "copy", day.full)
    with duckdb.connect(str(copied.database)) as connection:
        connection.execute("update state.watermarks set last_checksum = 7 where table_name = 'orders'")
    _build(copied, day)
    assert _base_batch(copied) is not None
    with duckdb.connect(str(copied.database), read_only=True) as connection:
        checksums = connection.execute(
            "select distinct last_checksum from state.watermarks where table_name = 'orders'"
        ).fetchall()
    assert checksums == [("7",)]


def test_the_loads_move_every_table(day: Day, tmp_path: Path) -> None:
    """Else a table that stays as it was would pass for one that was built."""
    found = unequal_tables(day.full, day.before, tmp_path / "compared.duckdb")
    with duckdb.connect(str(day.full), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('marts', 'quarantine')"
        ).fetchall()
    assert {name for (name,) in tables} - {table.table for table in found} == WITHOUT_RAW


@contextmanager
def _broken(name: str) -> Iterator[None]:
    """The model of that name fails."""
    execute = ModelRunner.execute

    def fail_or_execute(self: ModelRunner, model: Any, manifest: Any) -> Any:
        if model.name == name:
            raise DbtRuntimeError("broken for a test")
        return execute(self, model, manifest)

    ModelRunner.execute = fail_or_execute
    try:
        yield
    finally:
        ModelRunner.execute = execute


def _fail(replay: Replay, day: Day, random: Random) -> None:
    """A run in which one model fails; what stands on it is skipped."""
    name = random.choice(_models(replay.project))
    with _broken(name):
        made = replay.project.build(
            replay.raw, vars=day.variables, command="run", database=replay.database
        )
    assert not made.success


def _models(project: Project) -> list[str]:
    return sorted(
        node.name for node in project.manifest.nodes.values() if node.resource_type == "model"
    )


def _select(models: Callable[[Random, list[str]], Sequence[str]]) -> Callable[..., None]:
    def build_part(replay: Replay, day: Day, random: Random) -> None:
        """Models alone, not what they stand on, so that a run of some may well fail."""
        names = " ".join(models(random, _models(replay.project)))
        replay.project.build(
            replay.raw, vars=day.variables, command="run", database=replay.database, select=names
        )

    return build_part


# dbt in a process of its own, without parsing the project anew.
DBT = """
import pickle, sys
from pathlib import Path
from dbt.cli.main import dbtRunner
dbtRunner(manifest=pickle.loads(Path(sys.argv[1]).read_bytes())).invoke(sys.argv[2:])
"""


def _kill(replay: Replay, day: Day, random: Random) -> None:
    """kill -9 on dbt, after a drawn share of its nodes and some milliseconds."""
    share, pause = random.random(), random.random() * 0.2
    manifest = replay.directory / "manifest.pickle"
    manifest.write_bytes(pickle.dumps(replay.project.manifest))
    command = [
        *(sys.executable, "-c", DBT, str(manifest), "--no-use-colors"),
        *("build", "--resource-type", "seed", "--resource-type", "model"),
        *("--vars", json.dumps(day.variables)),
        *("--project-dir", str(REPOSITORY), "--profiles-dir", str(REPOSITORY)),
        *("--target-path", str(replay.directory / "target"), "--no-write-json"),
        *("--log-path", str(replay.directory / "logs"), "--log-level-file", "none"),
    ]
    with (
        environment(RETENTION_DB=str(replay.database), RETENTION_RAW_DIR=str(replay.raw)),
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running,
    ):
        for line in running.stdout:
            started = re.search(r"(\d+) of (\d+) START", line)
            if started and int(started[1]) >= share * int(started[2]):
                sleep(pause)
                running.kill()
                break
        output = running.stdout.read()
    assert running.returncode == -9 or share > 0.9, f"dbt was not killed: {output}"


def _base_batch(replay: Replay) -> int | None:
    """The batch that the last run went on from; None where it built everything anew."""
    with duckdb.connect(str(replay.database), read_only=True) as connection:
        found = connection.execute("select base_batch from state.batches order by batch desc").fetchone()
    return found[0]


ACCIDENTS: dict[str, Callable[[Replay, Day, Random], None]] = {
    "a model fails": _fail,
    "kill -9": _kill,
    "fct_orders alone": _select(lambda random, models: ["fct_orders"]),
    "some models alone": _select(lambda random, models: random.sample(models, 12)),
    "most models alone": _select(lambda random, models: random.sample(models, len(models) - 12)),
    "up to a model": _select(lambda random, models: [f"+{random.choice(models)}"]),
    "all but the marts": _select(
        lambda random, models: [name for name in models if not name.startswith(("fct", "dim", "rpt"))]
    ),
}
SHORT_ACCIDENTS = [("kill -9", "fct_orders alone", "kill -9")]
LONG_ACCIDENTS = [
    *[("kill -9",)] * 20,
    *[("a model fails",)] * 8,
    *[("some models alone",)] * 6,
    ("fct_orders alone",),
    ("most models alone",),
    ("most models alone", "some models alone"),
    ("up to a model",),
    ("up to a model", "a model fails"),
    ("all but the marts",),
    ("kill -9", "kill -9", "kill -9"),
    ("kill -9", "a model fails", "some models alone", "kill -9"),
]


@pytest.mark.parametrize(
    ("number", "accidents"), list(enumerate(LONG_ACCIDENTS if IS_PROOF else SHORT_ACCIDENTS))
)
def test_a_run_after_accidents_equals_a_full_build(
    number: int, accidents: Sequence[str], day: Day, tmp_path: Path
) -> None:
    copied = day.copy(tmp_path / "copy")
    random = Random(f"accidents {number}")
    for number, accident in enumerate(accidents):
        ACCIDENTS[accident](copied, day, random)
        assert number or _base_batch(copied) is not None, "this was no increment"
    _build(copied, day)
    day.assert_equal(copied)


@proof
def test_a_full_refresh_puts_everything_right(day: Day, tmp_path: Path) -> None:
    copied = day.copy(tmp_path / "copy")
    with duckdb.connect(str(copied.database)) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_type = 'BASE TABLE'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"delete from {table} where random() < 0.5")
    _build(copied, day, flags=["--full-refresh"])
    day.assert_equal(copied)


# ---------------------------------------------------------------- what a shop changes


def _assert_equals_a_new_build(copied: Replay, day: Day, **changes: Any) -> Path:
    """Builds on what is there and into a new database; the path of the new one."""
    full = copied.directory / "full" / DATABASE_NAME
    full.parent.mkdir()
    _build(copied, day, **changes)
    _build(copied, day, **changes, database=full)
    _assert_equal(full, copied)
    return full


def _assert_changed(full: Path, day: Day) -> None:
    """Else there was nothing to notice."""
    assert unequal_tables(full, day.full, full.with_name("compared.duckdb"))


def _shown(changes: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in changes.items())


@pytest.mark.parametrize(
    "changes", VAR_CHANGES if IS_PROOF else [{"max_customers_per_email": 3}], ids=_shown
)
def test_another_var_equals_a_full_build(
    changes: dict[str, Any], day: Day, tmp_path: Path
) -> None:
    """There is no new row: nothing but the var says that yesterday's numbers are wrong."""
    copied = day.copy(tmp_path / "copy", day.full)
    full = _assert_equals_a_new_build(copied, day, vars=day.variables | changes)
    # The files of the day give each moment with its offset.
    if "raw_timezone" not in changes:
        _assert_changed(full, day)


@proof
def test_another_hash_key_equals_a_full_build(day: Day, tmp_path: Path) -> None:
    copied = day.copy(tmp_path / "copy", day.full)
    with environment(RETENTION_HASH_KEY="another"):
        full = _assert_equals_a_new_build(copied, day)
    _assert_changed(full, day)


@proof
@pytest.mark.parametrize(
    ("file", "text", "changed"),
    [
        # A seed that shops edit.
        ("seeds/order_statuses.csv", "completed,true", "completed,false"),
        # A metric that facts are made by.
        ("macros/metrics/convert_money.sql", "cast(round({{ amount }}, 4)", "cast(round({{ amount }}, 0)"),
        # One that a model calls by way of another.
        ("macros/metrics/churn_date.sql", "+ 1", "+ 2"),
    ],
    ids=["seed", "metric", "metric of a metric"],
)
def test_another_meaning_equals_a_full_build(
    file: str, text: str, changed: str, day: Day, tmp_path: Path
) -> None:
    """No row is new and no model changed."""
    home = tmp_path / "project"
    for name in ("models", "macros", "seeds", "tests/generic", "tests/singular", "analyses"):
        shutil.copytree(REPOSITORY / name, home / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(REPOSITORY / name, home / name)
    meaning = (home / file).read_text(encoding="utf-8")
    assert text in meaning
    (home / file).write_text(meaning.replace(text, changed), encoding="utf-8")
    copied = day.copy(tmp_path / "copy", day.full)
    copied.project = Project(tmp_path / "dbt", home)
    _assert_changed(_assert_equals_a_new_build(copied, day), day)


def test_a_run_without_new_rows_takes_none_in_again(day: Day, tmp_path: Path) -> None:
    """Not those of the newest load either, whose stamp a second file may bear."""
    copied = day.copy(tmp_path / "copy", day.full)
    _build(copied, day)
    assert _base_batch(copied) is not None
    gathered = [
        "int_arrived_customers",
        "int_arrived_refunds",
        "int_touched_emails",
        "int_touched_loyalty_memberships",
        "int_touched_loyalty_transactions",
        "int_touched_orders",
    ]
    with duckdb.connect(str(copied.database), read_only=True) as connection:
        rows = {
            name: connection.execute(f"select count(*) from intermediate.{name}").fetchone()[0]
            for name in gathered
        }
    assert rows == dict.fromkeys(gathered, 0)
    day.assert_equal(copied)


# ---------------------------------------------------------------- raw zones against the contract

# Rows of the first load again, under other keys but with their old stamps.
UNDER_OTHER_KEYS = {
    "orders": "order_id || '-late' as order_id",
    "customers": "customer_id || '-late' as customer_id",
    "refunds": "refund_id || '-late' as refund_id",
    "order_items": "line_number + 100 as line_number",
    "customer_aliases": "alias_customer_id || '-late' as alias_customer_id",
    "exchange_rates": "rate_date + 40 as rate_date",
    "loyalty_transactions": "loyalty_transaction_id || '-late' as loyalty_transaction_id",
    "loyalty_programs": "program_id || '-late' as program_id",
    "loyalty_memberships": "membership_event_id || '-late' as membership_event_id",
    "redemption_estimates": "effective_from + 40 as effective_from",
}


def _files(replay: Replay, table: str) -> list[Path]:
    """The files of a table in the order in which they came."""
    loads = replay.feed.plan.loads
    paths = [replay.raw / table / f"{load.name}.parquet" for load in loads]
    return [path for path in paths if path.exists()]


def _rewritten(path: Path, select: str) -> None:
    """The file with what a query makes of its `rows`."""
    beside = path.with_suffix(".new")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (with rows as (select *, row_number() over () as n from '{path}') {select}) "
            f"to '{beside}' (format parquet)"
        )
    beside.replace(path)


def _remove(replay: Replay, table: str) -> None:
    _rewritten(_files(replay, table)[0], "select * exclude (n) from rows where n % 5 <> 0")


def _remove_the_last_load(replay: Replay, table: str) -> None:
    _files(replay, table)[-1].unlink()


def _add(replay: Replay, table: str) -> None:
    path = _files(replay, table)[0]
    late = shutil.copy(path, path.with_stem("late"))
    changed = f"select * exclude (n) replace ({UNDER_OTHER_KEYS[table]}) from rows where n % 5 = 0"
    _rewritten(Path(late), changed)


def _remove_and_add(replay: Replay, table: str) -> None:
    """As many rows as before."""
    _add(replay, table)
    _remove(replay, table)


def _restate_in_place(replay: Replay, table: str) -> None:
    later = "select * exclude (n) replace (updated_at + interval 1 hour as updated_at) from rows"
    _rewritten(_files(replay, table)[0], later)


# A cell that figures depend on, of the tables that are read by what is new.
ANOTHER_CELL = {
    "orders": "subtotal_amount + 1 as subtotal_amount",
    "customers": "not coalesce(is_test, false) as is_test",
    "refunds": "refund_amount / 2 as refund_amount",
    "order_items": "quantity + 1 as quantity",
    "loyalty_transactions": "points + 1 as points",
    "loyalty_memberships": "coalesce(tier, '') || '+' as tier",
}


def _restate_without_stamp(replay: Replay, table: str) -> None:
    """Rows of the newest load, whose keys and `updated_at` stay what they were."""

    def loaded_at(path: Path) -> Any:
        [[newest]] = duckdb.sql(f"select max(_loaded_at) from '{path}'").fetchall()
        return newest

    newest = max(_files(replay, table), key=loaded_at)
    _rewritten(newest, f"select * exclude (n) replace ({ANOTHER_CELL[table]}) from rows")


@proof
@pytest.mark.parametrize("table", ANOTHER_CELL)
def test_another_cell_of_the_newest_load_is_noticed(table: str, day: Day, tmp_path: Path) -> None:
    copied = day.copy(tmp_path / "copy", day.full)
    _restate_without_stamp(copied, table)
    _assert_changed(_assert_equals_a_new_build(copied, day), day)


def test_files_of_this_very_second_are_read_again(day: Day, tmp_path: Path) -> None:
    """Written once more within it, a file would keep its time, and may keep its size."""
    copied = day.copy(tmp_path / "copy", day.full)
    soon = time.time() + 3600
    os.utime(_files(copied, "orders")[0], (soon, soon))
    _build(copied, day)
    with duckdb.connect(str(copied.database), read_only=True) as connection:
        settled = connection.execute("select distinct table_name from state.raw_files").fetchall()
    assert {name for (name,) in settled} == set(ANOTHER_CELL) - {"orders"}


OLD_ROWS_COME_AND_GO = [_remove, _remove_the_last_load, _add, _remove_and_add, _restate_in_place]


@pytest.mark.parametrize("table", TABLES if IS_PROOF else ["orders"])
@pytest.mark.parametrize("change", OLD_ROWS_COME_AND_GO if IS_PROOF else [_restate_in_place])
def test_old_rows_that_come_and_go_are_noticed(
    change: Callable[[Replay, str], None], table: str, day: Day, tmp_path: Path
) -> None:
    copied = day.copy(tmp_path / "copy", day.full)
    change(copied, table)
    _assert_changed(_assert_equals_a_new_build(copied, day), day)


# ---------------------------------------------------------------- other homes and stamps


@proof
@pytest.mark.parametrize("columns", [["updated_at"], []], ids=["updated_at", "no stamp"])
@pytest.mark.parametrize("table", [*TABLES, "all tables"])
def test_tables_without_loaded_at_equal_full_builds(
    table: str, columns: list[str], project: Project, tmp_path: Path
) -> None:
    """Their rows come and go as they like."""
    drawn = draw_plan(SHORT_FEED)
    bare = {name: columns if table in (name, "all tables") else drawn.load_columns[name] for name in TABLES}
    feed = feed_of(replace(drawn, load_columns=bare))
    step, found = follow(Replay(feed, project, tmp_path))
    assert not found, described(feed, step, found)


@proof
def test_raw_tables_of_a_schema_equal_full_builds(project: Project, tmp_path: Path) -> None:
    """They are filled anew in the warehouse itself, from the files of the day."""
    replay = Replay(draw_feed(SHORT_FEED), project, tmp_path)
    full = tmp_path / "full" / DATABASE_NAME
    full.parent.mkdir()
    with environment(RETENTION_RAW_SCHEMA="lake"):
        for step in range(3):
            replay.load(step)
            _fill_schema(replay, replay.database)
            succeeded(replay.build(step), f"build {step}")
        _fill_schema(replay, full)
        succeeded(replay.build(2, full), "full build")
    _assert_equal(full, replay)


def _fill_schema(replay: Replay, database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema if not exists lake")
        for table in TABLES:
            connection.execute(
                f"create or replace table lake.{table} as "
                f"from read_parquet('{replay.raw}/{table}/*.parquet', union_by_name = true)"
            )
