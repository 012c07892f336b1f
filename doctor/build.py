"""Builds what the doctor looks at: the conformed views, the quarantine and the orders.

The project itself does it, in a scratch directory with a database of its own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg

PROJECT = Path(__file__).resolve().parents[1]
# The manifest holds the database's name: every scratch database has this one.
DATABASE = "warehouse.duckdb"
# Quarantine tables that are added later are found by their folder.
LOOKED_AT = (
    "+path:models/intermediate/quarantine +rpt_load_reconciliation +rpt_item_order_gaps +int_as_of"
)


class Fault(Exception):
    """What stops a build, in the project's own words: one line."""


@dataclass(frozen=True)
class Found:
    """Where a raw table was found, as find_raw_files returns it.

    `relation` stands after FROM; `columns` maps each lower-case name to its identifier and type.
    """

    home: str
    relation: str
    columns: dict[str, dict[str, str]]


def build(
    manifest: Manifest,
    raw: Path,
    scratch: Path,
    variables: Mapping[str, Any],
    found: dict[str, Found | None],
) -> Path:
    """The database that was built from the raw directory.

    Fills `found` as it goes, so that it holds what was seen before a fault, None for an absent
    table. Raises Fault where a build would stop.
    """

    def listen(event: EventMsg) -> None:
        message = re.match(r"raw table (\w+) ", event.info.msg)
        if message and event.info.name == "JinjaLogDebug":
            found[message[1]] = _found(json.loads(event.info.msg[message.end() :]))

    result = _invoke(
        ["build", "--resource-type", "seed", "--resource-type", "model", "--select", LOOKED_AT],
        scratch,
        raw,
        variables,
        # dbt marks nodes in the manifest that it is given.
        dbtRunner(manifest=manifest.deepcopy(), callbacks=[listen]),
    )
    if not result.success:
        raise Fault(_naming_the_table(_one_line(result), manifest, found))
    return scratch / DATABASE


@cache
def parsed_project() -> Manifest:
    """The project as dbt reads it. Raises Fault where it cannot be parsed."""
    with TemporaryDirectory(prefix="retention-doctor-") as scratch:
        directory = Path(scratch)
        result = _invoke(["parse"], directory, directory, {}, dbtRunner())
    if not result.success:
        raise Fault(_one_line(result))
    return result.result


def _invoke(
    command: list[str], scratch: Path, raw: Path, variables: Mapping[str, Any], runner: dbtRunner
) -> dbtRunnerResult:
    """One dbt command that prints nothing and writes into the scratch directory alone."""
    arguments = [
        *command,
        *("--vars", json.dumps(dict(variables))),
        *("--project-dir", str(PROJECT)),
        *("--profiles-dir", str(PROJECT)),
        *("--target-path", str(scratch / "target")),
        *("--log-path", str(scratch / "logs")),
        *("--log-level", "none"),
        *("--log-level-file", "none"),
    ]
    with _environment(RETENTION_DB=str(scratch / DATABASE), RETENTION_RAW_DIR=str(raw.resolve())):
        try:
            return runner.invoke(arguments)
        finally:
            # dbt-duckdb keeps its last database open; nobody could read it beside that.
            DuckDBConnectionManager.close_all_connections()


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Environment variables for the length of a block, and no RETENTION_RAW_SCHEMA."""
    before = dict(os.environ)
    os.environ.update(variables)
    os.environ.pop("RETENTION_RAW_SCHEMA", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _found(logged: dict[str, Any] | None) -> Found | None:
    return logged and Found(logged["home"], logged["from"], logged["columns"])


def _naming_the_table(message: str, manifest: Manifest, found: Mapping[str, Found | None]) -> str:
    """DuckDB's own messages name a file at best: the table is the first that was not found yet."""
    names = [source.name for source in manifest.sources.values() if source.source_name == "raw"]
    unseen = next((name for name in names if name not in found), None)
    if unseen is None or "raw table" in message.lower():
        return message
    return f"Raw table {unseen} cannot be read: {message}"


def _one_line(result: dbtRunnerResult) -> str:
    """The reason of a failure: the project's message, or the first line of DuckDB's."""
    if result.exception is not None:
        message = getattr(result.exception, "msg", None) or str(result.exception)
    else:
        failed = [node for node in result.result.results if node.status == "error"]
        message = f"{failed[0].node.name}: {failed[0].message}" if failed else "the build failed"
    first_paragraph = message.strip().split("\n\n")[0]
    without_kind = re.sub(r"^(\w+ )+Error: ", "", first_paragraph)
    return " ".join(without_kind.split())
