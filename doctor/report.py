"""The doctor's findings on the terminal: 80 columns, and nothing that colour alone says."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from doctor.build import PROJECT, Found
from doctor.declaration import Column, Table, did_you_mean
from doctor.findings import Span
from doctor.patient import Patient, Row
from doctor.rejections import Reason, UnknownWord, status_line

LIKENESS_OF_COLUMNS = 0.7
# A column that must be there is worth a bolder guess: somebody looks at it before it is used.
LIKENESS_OF_LACKING_COLUMNS = 0.45
MOST_UNKNOWN_WORDS = 10
MOST_FILES = 12

# What is not there without a raw table.
WITHOUT = {
    "customers": "customers are inferred; no country, channel, consent",
    "loyalty_transactions": "no points: loyalty reports are empty",
    "loyalty_programs": "programmes are inferred from the points ledger",
    "redemption_estimates": "a programme's own expected_redemption_rate serves",
    "loyalty_memberships": "members enrol with their first points; no tiers or fees",
    "refunds": "returns are orders.refunded_amount, on the order's date",
    "order_items": "no products, and no costs but orders.cost_amount",
    "customer_aliases": "no accounts are merged: each is a customer",
    "exchange_rates": "orders in other currencies are rejected",
    "campaigns": "campaigns have an id and no name",
    "campaign_events": "no campaign results",
    "marketing_spend": "no acquisition costs",
    "nps_responses": "no NPS",
    "referrals": "no referrals",
}

# What to do about a fault, by a piece of its message; the first that fits.
ADVICE = (
    (
        "does not fit its header",
        "Mend that line (a quote or a delimiter is missing) or export again.",
    ),
    ("has no header line", "The first line must name the columns."),
    ("twice", "Rename one of the two columns."),
    ("utf-8", "Save the file as UTF-8."),
    (": line ", "Mend that line or export the file again."),
    ("cannot be read", "Export it again, as UTF-8, or give it the ending of what it is."),
)


def show_title(screen: Console, directory: Path) -> None:
    """What is looked at, and that it stays as it is."""
    screen.print(f"Doctor: {directory}", style="bold")
    screen.print("Nothing in it is changed, and nothing is kept.", style="dim")


def show_fault(screen: Console, message: str, *advice: str) -> None:
    """What stops a build, and what to do."""
    screen.print()
    screen.print(Text("This stops a build: ", style="bold red") + Text(message))
    for line in advice:
        screen.print(line)


def advise(
    message: str, tables: Mapping[str, Table], found: Mapping[str, Found | None]
) -> list[str]:
    """What to do about a fault of the raw directory."""
    for name, where in found.items():
        lacking = [
            column.name
            for column in tables[name].columns.values()
            if column.is_indispensable and where and column.name not in where.columns
        ]
        if lacking and where:
            return _mapping(lacking, where)
    if (
        any(where is None and name in message for name, where in found.items())
        or "two homes" in message
    ):
        return []
    return next(([advice] for piece, advice in ADVICE if piece in message), [])


def _mapping(lacking: Iterable[str], found: Found) -> list[str]:
    """Renames as a mapping would have them, where a column of the file looks like it."""
    likely = {
        name: did_you_mean(name, found.columns, LIKENESS_OF_LACKING_COLUMNS) for name in lacking
    }
    renames = [
        f"    {found.columns[given]['identifier']} as {name},"
        for name, given in likely.items()
        if given
    ]
    unlike = [name for name, given in likely.items() if not given]
    advice = []
    if unlike:
        advice.append(f"No column of the file looks like {', '.join(unlike)}.")
    if renames:
        table = Path(found.home).name.partition(".")[0]
        advice += [
            f"Did you mean these? As a mapping, {table}.sql:",
            "",
            "  select * rename (",
            *(f"  {line}" for line in renames),
            "  ) from export",
            "",
            f"  make map EXPORT={shlex.quote(found.home)} MAPPING={table}.sql OUT=mapped",
            "  make doctor RAW=mapped",
        ]
    return advice


# ---------------------------------------------------------------- what was found


def show_tables(
    screen: Console, directory: Path, patient: Patient, rows: Mapping[str, int]
) -> None:
    """The tables that are there, and what is missing with those that are not."""
    _heading(screen, "Raw tables")
    grid = _grid("left", "right", "left")
    for table, found in patient.present:
        home = str(Path(found.home).relative_to(directory.resolve()))
        unread = "" if table.is_read else " (not used yet)"
        grid.add_row(table.name, _rows(rows[table.name]), f"{home}{unread}")
    screen.print(grid)
    absent = [name for name, found in patient.found.items() if not found]
    if absent:
        screen.print("\nAbsent; none of them must be there:")
        grid = _grid("left", "left")
        for name in absent:
            grid.add_row(name, WITHOUT.get(name, patient.tables[name].description))
        screen.print(grid)


def show_files_not_taken(screen: Console, files: Mapping[str, str]) -> None:
    """Files that are named after no raw table, each with what to do."""
    if files:
        _heading(screen, "Files that no table takes")
        grid = _grid("left", "left")
        for name, advice in list(files.items())[:MOST_FILES]:
            grid.add_row(name, advice)
        screen.print(grid)
        if len(files) > MOST_FILES:
            screen.print(f"and {len(files) - MOST_FILES:,} more")


def show_columns(screen: Console, patient: Patient, empty: Mapping[str, Sequence[str]]) -> None:
    """Of each found table: columns found, defaulted, without a value and not declared."""
    _heading(screen, "Columns")
    for table, found in patient.present:
        names = [name for name in table.columns if name in found.columns]
        are_all_there = len(names) == len(table.columns)
        count = "all" if are_all_there else f"{len(names)} of"
        screen.print(f"{table.name}: {count} {len(table.columns)} declared columns")
        grid = _grid("left", "left")
        if not are_all_there:
            grid.add_row("  found", ", ".join(names))
        for value, columns in _defaults(patient, table, found).items():
            grid.add_row(f"  {value}", ", ".join(columns))
        if empty.get(table.name):
            grid.add_row("  all blank", ", ".join(empty[table.name]))
        for name in found.columns:
            if name not in table.columns:
                grid.add_row("  not declared", _undeclared(name, table, found))
        if grid.row_count:
            screen.print(grid)


def _defaults(patient: Patient, table: Table, found: Found) -> dict[str, list[str]]:
    """The columns that are not in the file, by what they are taken to be."""
    taken: dict[str, list[str]] = {}
    for column in table.columns.values():
        if column.name not in found.columns:
            taken.setdefault(_default(patient, column, found), []).append(column.name)
    return taken


def _default(patient: Patient, column: Column, found: Found) -> str:
    default = column.default
    if isinstance(default, dict) and "column" in default:
        return f"as {default['column']}" if default["column"] in found.columns else "NULL"
    if isinstance(default, dict) and "hash_of" in default:
        return "a hash"
    if isinstance(default, dict):
        return f"taken as {patient.variables[default['var']]}"
    return "NULL" if default is None else f"taken as {str(default).lower()}"


def _undeclared(name: str, table: Table, found: Found) -> str:
    absent = [declared for declared in table.columns if declared not in found.columns]
    meant = did_you_mean(name, absent, LIKENESS_OF_COLUMNS)
    return f"{name} (did you mean {meant}?)" if meant else name


# ---------------------------------------------------------------- what is rejected


def show_rejections(
    screen: Console, rejected: Mapping[str, Sequence[Reason]], counts: Mapping[str, Row]
) -> None:
    """Rows that would go to quarantine, by table and reason, with examples."""
    _heading(screen, "Rows that would be rejected")
    for table, reasons in rejected.items():
        if not reasons:
            continue
        count = counts[table]
        screen.print(
            f"{table}: {count['quarantined_rows']:,} of {count['raw_rows']:,} rows "
            f"({count['quarantined_rows'] / count['raw_rows']:.1%})"
        )
        for reason in reasons:
            screen.print(f"  {reason.name}: {reason.rows:,}", style="yellow")
            for key, cells in reason.examples:
                shown = ", ".join(f"{name} = {cell}" for name, cell in cells.items())
                screen.print(Padding(Text(f"{key}: {shown}" if shown else key), (0, 0, 0, 6)))
    if not any(rejected.values()):
        screen.print("None.", style="green")
    superseded = {
        name: row["superseded_rows"] for name, row in counts.items() if row["superseded_rows"]
    }
    for table, rows in superseded.items():
        screen.print(f"{table}: {_rows(rows)} superseded by newer versions.")


def show_unknown_words(screen: Console, words: Sequence[UnknownWord]) -> None:
    """The words that rows are rejected for and, for a status, the line that makes them known."""
    if not words:
        return
    _heading(screen, "Words that nobody knows")
    for word in words[:MOST_UNKNOWN_WORDS]:
        screen.print(f"{word.table}.{word.column}: {word.word} ({_rows(word.rows)})")
        if word.column != "status":
            screen.print(Padding(Text(f"known: {word.known}"), (0, 0, 0, 2)))
    if len(words) > MOST_UNKNOWN_WORDS:
        screen.print(f"and {len(words) - MOST_UNKNOWN_WORDS:,} more")
    statuses = [word.word for word in words if word.column == "status"]
    if statuses:
        screen.print("\nStatuses become known in seeds/order_statuses.csv; its columns are status,")
        screen.print("is_counted (a purchase), is_cancelled, used_by. Check the two in the middle:")
        for status in statuses:
            line, reason = status_line(status)
            screen.print(f"  {line}", soft_wrap=True, style="bold", end="")
            screen.print(f"   ({reason})", style="dim")


# ---------------------------------------------------------------- what the data span


def show_span(screen: Console, spanned: Span, variables: Mapping[str, Any]) -> None:
    """Dates, orders and customers, and the as_of that follows."""
    _heading(screen, "What the data span")
    if not spanned.orders:
        screen.print("No order is accepted: nothing to report on.", style="red")
        return
    grid = _grid("left", "left")
    grid.add_row("orders", _orders(spanned))
    grid.add_row(
        "dates", f"{spanned.first_date} to {spanned.last_date} ({variables['reporting_timezone']})"
    )
    grid.add_row("as_of_date", _as_of(spanned, variables))
    grid.add_row("customers", f"{spanned.customers:,}")
    guests = spanned.orders_of_guests / spanned.orders
    grid.add_row("guests", f"{guests:.1%} of the orders ({spanned.orders_of_guests:,})")
    if spanned.orders_of_guests:
        grid.add_row("", _whose_guests(spanned))
    if spanned.orders_of_merged_accounts:
        merged = _count(spanned.orders_of_merged_accounts, "order")
        grid.add_row("merged", f"{merged} of accounts that customer_aliases has merged")
    if spanned.orders_without_customer:
        nobody = f"orders in sales, in no customer metric: {spanned.orders_without_customer:,}"
        grid.add_row("no customer", nobody)
    screen.print(grid)


def _orders(spanned: Span) -> str:
    text = f"{spanned.orders:,} accepted, {spanned.counted_orders:,} count as purchases"
    return f"{text}, {spanned.test_orders:,} are tests" if spanned.test_orders else text


def _whose_guests(spanned: Span) -> str:
    """Guests' orders by what their e-mail addresses lead to."""
    of_accounts, of_nobody = spanned.orders_of_guests_with_account, spanned.orders_without_customer
    of_guests = spanned.orders_of_guests - of_accounts - of_nobody
    return (
        f"by e-mail: {of_accounts:,} of accounts, {of_guests:,} of guests; "
        f"without one: {of_nobody:,}"
    )


def _as_of(spanned: Span, variables: Mapping[str, Any]) -> str:
    if not variables.get("as_of_date"):
        return f"{spanned.as_of_date}, the last date; a daily job passes yesterday"
    days = (spanned.as_of_date - spanned.last_date).days  # type: ignore[operator]
    if days > 0:
        return f"{spanned.as_of_date}: {days} days without orders at the end"
    return (
        f"{spanned.as_of_date}: later orders are in no report" if days else f"{spanned.as_of_date}"
    )


def show_oddities(screen: Console, oddities: Sequence[str]) -> None:
    """What a build takes as it is, and the shop may not have meant."""
    if not oddities:
        return
    _heading(screen, "Worth a look")
    grid = Grid(box=None, show_header=False, padding=(0, 1, 0, 0))
    for oddity in oddities:
        grid.add_row("!", Text(oddity))
    screen.print(grid)


# ---------------------------------------------------------------- what to do


def show_command(screen: Console, directory: Path, variables: Mapping[str, Any]) -> None:
    """The command that builds the warehouse from this directory."""
    _heading(screen, "To build")
    if "RETENTION_HASH_KEY" not in os.environ:
        screen.print("Set RETENTION_HASH_KEY to a secret first: it hashes e-mail addresses.")
    here = Path.cwd() == PROJECT
    parts = [] if here else [f"cd {shlex.quote(str(PROJECT))} &&"]
    parts += [
        f"RETENTION_RAW_DIR={shlex.quote(str(directory if here else directory.resolve()))}",
        "RETENTION_DB=warehouse.duckdb",
        ".venv/bin/dbt build",
    ]
    if variables:
        parts.append(f"--vars {shlex.quote(json.dumps(dict(variables)))}")
    screen.print()
    # A path is not broken, however long: the command is there to be copied.
    screen.print(_continued(parts), soft_wrap=True, style="bold")


def _continued(parts: Sequence[str]) -> str:
    """Parts of a command on as few lines as fit, each but the last ending in a backslash."""
    lines = [f"  {parts[0]}"]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) + 3 <= 80:
            lines[-1] += f" {part}"
        else:
            lines.append(f"    {part}")
    return " \\\n".join(lines)


def _rows(count: int) -> str:
    return _count(count, "row")


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _heading(screen: Console, title: str) -> None:
    screen.print()
    screen.rule(Text(title, style="bold"), align="left", style="dim")


def _grid(*alignments: str) -> Grid:
    """Columns of text, the last of which takes what room there is."""
    grid = Grid(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for position, alignment in enumerate(alignments, start=1):
        is_last = position == len(alignments)
        grid.add_column(justify=alignment, no_wrap=not is_last, overflow="fold")  # type: ignore[arg-type]
    return grid
