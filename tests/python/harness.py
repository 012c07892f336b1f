"""Raw files in, marts out: dbt in this process, on a database of its own for each build.

The project is parsed once. Each build gets a copy of that manifest, which takes a fraction of a
second where a parse takes seconds. Two things follow from a manifest that is used again:

* vars that configuration or YAML reads keep the value they had at the parse; models see new ones;
* the name of the database is part of every relation in it, so every build's file has one name.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventLevel, EventMsg

REPOSITORY = Path(__file__).resolve().parents[2]
DATABASE_NAME = "warehouse.duckdb"
NULL_IN_CSV = ""

# 'run' makes the marts and needs the seeds; 'build' tests them too, 'test' without the unit tests.
COMMANDS = {
    "build": ["build"],
    "test": ["build", "--exclude-resource-type", "unit_test"],
    "run": ["build", "--resource-type", "seed", "--resource-type", "model"],
}


@dataclass
class Build:
    """What came of one build: the database, dbt's verdict, and what it said."""

    path: Path
    result: dbtRunnerResult
    output: str
    _connection: duckdb.DuckDBPyConnection | None = field(default=None, repr=False)

    @property
    def success(self) -> bool:
        return self.result.success

    @property
    def failures(self) -> list[str]:
        """Each node that failed, with its message; or what stopped dbt before any node."""
        if self.result.exception:
            return [str(self.result.exception)]
        results = getattr(self.result.result, "results", [])
        return [
            f"{node.node.unique_id}: {node.message}"
            for node in results
            if node.status in ("error", "fail", "runtime error")
        ]

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query on the built database, which is opened for reading only."""
        if self._connection is None:
            self._connection = duckdb.connect(str(self.path), read_only=True)
            self._connection.execute("set TimeZone = 'UTC'")
        cursor = self._connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Environment variables for the length of a block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Project:
    """A dbt project, parsed once, built many times."""

    def __init__(self, scratch: Path, project_dir: Path = REPOSITORY):
        self.project_dir = project_dir
        self.scratch = scratch
        self.builds = 0
        self._manifest: Manifest | None = None

    def _arguments(self, command: Sequence[str]) -> list[str]:
        """The repository's own target/ and logs/ stay as they are."""
        return [
            *command,
            *("--project-dir", str(self.project_dir)),
            *("--profiles-dir", str(self.project_dir)),
            *("--target-path", str(self.scratch / "target")),
            *("--log-path", str(self.scratch / "logs")),
            *("--log-level", "none"),
            *("--log-level-file", "none"),
        ]

    def _invoke(
        self, command: Sequence[str], manifest: Manifest | None, database: Path, raw: Path
    ) -> tuple[dbtRunnerResult, str]:
        """One dbt command, and what it would have shown on the screen."""
        messages: list[str] = []

        def listen(event: EventMsg) -> None:
            if event.info.level != EventLevel.DEBUG.value:
                messages.append(event.info.msg)

        runner = dbtRunner(manifest=manifest, callbacks=[listen])
        with environment(RETENTION_DB=str(database), RETENTION_RAW_DIR=str(raw)):
            try:
                result = runner.invoke(self._arguments(command))
            finally:
                # dbt-duckdb keeps its last database open; a reader could not come in beside it.
                DuckDBConnectionManager.close_all_connections()
        return result, "\n".join(messages)

    @property
    def manifest(self) -> Manifest:
        """The parsed project."""
        if self._manifest is None:
            database = self.scratch / "parse" / DATABASE_NAME
            database.parent.mkdir(parents=True)
            result, output = self._invoke(["parse"], None, database, self.scratch)
            assert result.success, f"the project does not parse:\n{output}"
            self._manifest = result.result
        return self._manifest

    def build(
        self,
        raw: Path,
        *,
        vars: Mapping[str, Any] | None = None,
        select: str | None = None,
        command: str = "build",
        database: Path | None = None,
        flags: Sequence[str] = (),
    ) -> Build:
        """Builds the raw directory, into a new database unless one is given."""
        self.builds += 1
        if database is None:
            database = self.scratch / f"build_{self.builds}" / DATABASE_NAME
            database.parent.mkdir(parents=True)
        arguments = [*COMMANDS[command], "--vars", json.dumps(dict(vars or {}))]
        arguments += flags
        if select:
            arguments += ["--select", select]
        # dbt marks nodes as compiled in the manifest that it is given: each build has its own.
        result, output = self._invoke(arguments, self.manifest.deepcopy(), database, raw)
        return Build(database, result, output)


def _columns(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The columns of all rows, in the order in which they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _as_text(cell: Any) -> str:
    if cell is None:
        return NULL_IN_CSV
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(cell)


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    """A CSV file, gzipped where its name ends in .gz. `columns` head a file without rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(columns) or _columns(rows)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(names)
        writer.writerows([_as_text(row.get(name)) for name in names] for row in rows)


def write_parquet(
    path: Path,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
) -> None:
    """A Parquet file; `types` are DuckDB's, text where none is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(columns) or _columns(rows)
    scratch = path.with_suffix(".scratch")
    with scratch.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, quoting=csv.QUOTE_ALL)
        writer.writerows(
            [r"\N" if row.get(name) is None else _as_text(row[name]) for name in names]
            for row in rows
        )
    declared = ", ".join(f"'{name}': 'varchar'" for name in names)
    chosen = ", ".join(
        f'cast("{name}" as {(types or {}).get(name, "varchar")}) as "{name}"' for name in names
    )
    source = (
        f"read_csv('{scratch}', header = false, auto_detect = false, nullstr = '\\N', "
        f"delim = ',', quote = '\"', escape = '\"', columns = {{{declared}}}, "
        "allow_quoted_nulls = true)"
    )
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"copy (select {chosen} from {source}) to '{path}' (format parquet)")
    scratch.unlink()


Builder = Callable[..., Build]
