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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import duckdb
import pytest
from dbt.task.run import ModelRunner
from dbt_common.exceptions import DbtRuntimeError

from databases import unequal_tables
from feeds import VAR_CHANGES, draw_feed
from harness import DATABASE_NAME, REPOSITORY, Project, environment
from replay import Replay, described, follow, succeeded

FEEDS = os.environ.get("RETENTION_FEEDS", "")
IS_PROOF = bool(FEEDS)
# Rows of every table, two loads with one stamp, then merged accounts alone, with the stamp of before.
SHORT_FEED = "short 266"
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
    replay.take(0)
    before = replay.directory / "before" / DATABASE_NAME
    before.parent.mkdir()
    shutil.copy(replay.database, before)
    replay.take(1)
    replay.load(2)
    return Day(replay, before, replay.build_in_full(2))


def test_loads_between_builds_equal_a_full_build(day: Day) -> None:
    day.replay.take(2)
    day.assert_equal(day.replay)
    assert not day.replay.built_anew, "these were no increments"


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
    for accident in accidents:
        ACCIDENTS[accident](copied, day, random)
    _build(copied, day)
    day.assert_equal(copied)


@pytest.mark.skipif(not IS_PROOF, reason="make proof")
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
    _build(copied, day, vars=day.variables | changes)
    full = tmp_path / "full" / DATABASE_NAME
    full.parent.mkdir()
    _build(copied, day, vars=day.variables | changes, database=full)
    assert unequal_tables(full, day.full, tmp_path / "changed.duckdb"), "the var changes nothing"
    _assert_equal(full, copied)
