"""python -m doctor DIRECTORY [--vars YAML]: looks at raw files before they are built."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
from rich.console import Console

from doctor.directory import NoDirectory, files_not_taken, list_directory
from doctor.screen import screen
from doctor.variables import NoVariables, parse_variables, project_variables

if TYPE_CHECKING:
    from doctor.build import Found
    from doctor.declaration import Table
    from doctor.patient import Patient


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where a build would go through, 1 where something stops it."""
    options = _parser().parse_args(arguments)
    console = screen()
    if not options.directory:
        console.print("Name the directory of your files: make doctor RAW=directory")
        return 1
    try:
        variables = parse_variables(options.vars)
        entries = list_directory(Path(options.directory))
    except (NoDirectory, NoVariables) as error:
        console.print(str(error))
        return 1
    with TemporaryDirectory(prefix="retention-doctor-") as scratch:
        return _examine(console, Path(options.directory), entries, variables, Path(scratch))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m doctor", description=__doc__)
    parser.add_argument("directory", help="what RETENTION_RAW_DIR would name")
    parser.add_argument("--vars", default="{}", help="the project's vars, as for dbt build")
    return parser


def _examine(
    console: Console, directory: Path, entries: list[Path], variables: dict[str, Any], scratch: Path
) -> int:
    """Builds what is looked at in a scratch directory, and shows it."""
    # dbt takes seconds to import: a wrong directory is named without it.
    from doctor import build, declaration, patient, report

    report.show_title(console, directory)
    found: dict[str, build.Found | None] = {}
    tables: dict[str, declaration.Table] = {}
    try:
        with console.status("Reading the files") if console.color_system else nullcontext():
            manifest = build.parsed_project()
            tables = declaration.declared_tables(manifest)
            database = build.build(manifest, directory, scratch, variables, found)
        with duckdb.connect(str(database), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            chosen = project_variables(variables)
            whole = patient.Patient(connection, manifest, tables, found, chosen)
            _show(console, directory, entries, whole)
    except build.Fault as fault:
        lines = [str(fault), *report.advise(str(fault), tables, found)]
        shown = [line.replace(str(directory.resolve()), str(directory)) for line in lines]
        report.show_fault(console, *shown)
        if tables:
            report.show_files_not_taken(console, _not_taken(directory, entries, tables, found))
        return 1
    except duckdb.Error as error:
        # A build went through; the doctor's own question did not.
        console.print(f"The doctor could not finish: {str(error).splitlines()[0]}")
        return 1
    report.show_command(console, directory, variables)
    return 0


def _show(console: Console, directory: Path, entries: list[Path], patient: Patient) -> None:
    """Every finding, from what was found to what is worth a look."""
    from doctor import findings, oddities, rejections, report

    rejected = rejections.rejections(patient)
    spanned = findings.span(patient)
    report.show_tables(console, directory, patient, findings.row_counts(patient))
    not_taken = _not_taken(directory, entries, patient.tables, patient.found)
    report.show_files_not_taken(console, not_taken)
    report.show_columns(console, patient, findings.empty_columns(patient))
    report.show_rejections(console, rejected, rejections.reconciliation(patient))
    report.show_unknown_words(console, rejections.unknown_words(patient, rejected))
    report.show_span(console, spanned, patient.variables)
    report.show_oddities(console, oddities.oddities(patient, spanned))


def _not_taken(
    directory: Path,
    entries: list[Path],
    tables: Mapping[str, Table],
    found: Mapping[str, Found | None],
) -> dict[str, str]:
    """Files that no table takes. Behind a fault, tables that were not looked for take none."""
    homes = {name: where.home if (where := found.get(name)) else None for name in tables}
    return files_not_taken(directory.resolve(), entries, homes)


if __name__ == "__main__":
    sys.exit(main())
