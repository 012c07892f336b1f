"""python -m landing [RAW_DIR]: judges what has landed since the last run, before it is built.

RETENTION_RAW_DIR (or RETENTION_RAW_SCHEMA) and RETENTION_DB are read as in a build.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
from rich.console import Console
from rich.text import Text

from doctor.screen import screen
from doctor.variables import NoVariables, parse_variables
from landing.gate import Outcome, Verdict, land
from landing.macros import PROJECT, Fault
from landing.warehouse import connect

SITE = PROJECT / "target" / "landing" / "data_docs"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where a build may start, 1 where something stops it: one line for each."""
    options = _parser().parse_args(arguments)
    console = screen()
    if options.raw_directory:
        os.environ["RETENTION_RAW_DIR"] = options.raw_directory
    accept = options.accept.replace(",", " ").split()
    if accept and not options.reason.strip():
        _say(console, "Say why: make land ACCEPT=table.rule REASON='...'. The reason is kept.")
        return 1
    try:
        variables = parse_variables(options.vars)
        with _warehouse() as connection:
            outcome = land(
                connection,
                os.environ.get("RETENTION_RAW_SCHEMA", ""),
                variables,
                accept,
                options.reason.strip(),
                options.docs,
            )
    except (Fault, NoVariables) as fault:
        _say(console, str(fault), "bold red")
        return 1
    _show(console, outcome, accept)
    return 1 if outcome.stopping else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m landing", description=__doc__)
    parser.add_argument("raw_directory", nargs="?", help="in the place of RETENTION_RAW_DIR")
    parser.add_argument("--vars", default="{}", help="the project's vars, as for dbt build")
    parser.add_argument("--accept", default="", help="let pass once what is named: table.rule")
    parser.add_argument("--reason", default="", help="why it may pass; kept with the verdict")
    parser.add_argument("--docs", type=Path, default=SITE, help="where Data Docs go")
    return parser


def _warehouse() -> duckdb.DuckDBPyConnection:
    """Raises Fault where the warehouse cannot be opened."""
    path = os.environ.get("RETENTION_DB", "warehouse.duckdb")
    try:
        return connect(path)
    except duckdb.Error as error:
        raise Fault(f"{path} cannot be opened: {str(error).splitlines()[0]}") from error


def _show(console: Console, outcome: Outcome, accept: Sequence[str]) -> None:
    if not outcome.judged:
        _say(console, f"Landing: {outcome.tables} raw tables, nothing new to judge.")
    else:
        _say(
            console,
            f"Landing: {len(outcome.judged)} new batches of {outcome.tables} raw tables judged by "
            f"{len(outcome.verdicts)} expectations ({outcome.profiled} profiled).",
        )
    for verdict in outcome.verdicts:
        if not verdict.is_met:
            _say(console, _line(verdict), "bold red" if verdict.stops else "yellow")
    for name in accept:
        if not any(not v.is_met and v.name.startswith(name) for v in outcome.verdicts):
            _say(console, f"Nothing to accept: {name} does not fail now.")
    if outcome.docs:
        _say(console, f"Data Docs: {_relative(outcome.docs)}", "dim")
    if outcome.stopping:
        name = outcome.stopping[0].name
        _say(console, f"Mend the batch, or let it pass once: make land ACCEPT={name} REASON='...'")


def _line(verdict: Verdict) -> str:
    kind = f"accepted ({verdict.accept_reason})" if verdict.accept_reason else verdict.check.severity
    return (
        f"{kind}: {verdict.name} seen {verdict.check.seen_text}, expected "
        f"{verdict.check.expected_text} (batch {verdict.batch.batch_id})"
    )


def _relative(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _say(console: Console, line: str, style: str = "") -> None:
    # One line per finding, however long: it is there to be read by machines too.
    console.print(Text(line, style=style), soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
