"""What the project would reject and why, as its quarantine tables say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Any

from doctor.build import PROJECT
from doctor.declaration import Table
from doctor.patient import Patient, Row

EXAMPLES_OF_A_REASON = 3
LONGEST_CELL = 40
LIKENESS_OF_STATUSES = 0.7

# Not shown but where they are at fault themselves.
PERSONAL = ("email", "phone", "first_name", "last_name", "birth_date")

# The cells that a reason is about, where its name does not say so.
CELLS_OF_REASONS = {
    "alias_cycle": ("alias_customer_id", "customer_id"),
    "discount_exceeds_subtotal": (
        "subtotal_amount",
        "quantity",
        "unit_price",
        "discount_amount",
    ),
    "expires_before_earned": ("occurred_at", "expires_at"),
    "missing_exchange_rate": ("currency", "ordered_at"),
    "non_positive_points": ("transaction_type", "points"),
    "non_positive_quantity": ("quantity",),
    "ordered_in_future": ("ordered_at", "_loaded_at"),
    "refund_exceeds_order": (
        "order_id",
        "subtotal_amount",
        "discount_amount",
        "refunded_amount",
        "refund_amount",
    ),
}


@dataclass
class Reason:
    """Why rows of a table are rejected. `examples` pairs each row's key with the cells at fault."""

    name: str
    rows: int
    examples: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def rejections(patient: Patient) -> dict[str, list[Reason]]:
    """The reasons of each quarantined table, the most frequent first."""
    found = {}
    for table, relation in _quarantines(patient):
        counts = patient.rows(
            "select reason, count(*) as rows "
            f"from (select unnest(string_split(rejection_reasons, ',')) as reason from {relation}) "
            "group by 1 order by rows desc, reason"
        )
        found[table.name] = [
            Reason(row["reason"], row["rows"], _examples(patient, table, relation, row["reason"]))
            for row in counts
        ]
    return found


def _quarantines(patient: Patient) -> Iterator[tuple[Table, str]]:
    for node in patient.manifest.nodes.values():
        if node.resource_type == "model" and "quarantine" in node.fqn:
            yield patient.tables[node.alias], node.relation_name


def _examples(
    patient: Patient, table: Table, relation: str, reason: str
) -> list[tuple[str, dict[str, str]]]:
    rows = patient.rows(
        f"select * from {relation} where list_contains(string_split(rejection_reasons, ','), "
        f"'{reason}') order by {', '.join(table.key)}, raw_row limit {EXAMPLES_OF_A_REASON}"
    )
    return [(_key(table, row), _cells(table, reason, row)) for row in rows]


def _key(table: Table, row: Row) -> str:
    """The key of a row, as text."""
    return " ".join("?" if row[name] is None else str(row[name]) for name in table.key)


def _cells(table: Table, reason: str, row: Row) -> dict[str, str]:
    """The cells that a reason is about, as they came; none for a column that is not in the file."""
    raw = {name.strip().lower(): cell for name, cell in json.loads(row["raw_row"]).items()}
    if reason == "negative_amount":
        names = [name for name in table.columns if name in raw and _is_negative(raw[name])]
        # A rate of 0 is rejected for the same reason.
        names = names or [name for name in ("rate_to_reporting",) if name in raw]
    else:
        names = [name for name in cells_of(table, reason) if name in raw]
    cells = {name: raw[name] for name in names}
    if all(row[name] is None for name in table.key):
        # Nothing names the row: its first cells help to find it.
        others = (name for name in table.columns if raw.get(name) and name not in PERSONAL)
        cells |= {name: raw[name] for name in islice(others, 3)}
    return {name: _shortened(cell) for name, cell in cells.items()}


def cells_of(table: Table, reason: str) -> list[str]:
    """The columns that a reason is about: those that its name names, or the key."""
    if reason in CELLS_OF_REASONS:
        named = (name for name in CELLS_OF_REASONS[reason] if name in table.columns)
        return [name for name in named if name not in table.key]
    _, _, named = reason.partition("_")
    about = [name for name in table.columns if name == named or name.startswith(f"{named}_")]
    return about or list(table.key)


def _is_negative(cell: Any) -> bool:
    return str(cell).strip().startswith("-")


def _shortened(cell: Any) -> str:
    if cell is None:
        return "(blank)"
    text = str(cell)
    text = f'"{text}"' if text != text.strip() or not text else text
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 3]}..."


def reconciliation(patient: Patient) -> dict[str, Row]:
    """Raw, accepted, superseded and quarantined rows, by table, as the mart counts them."""
    rows = patient.rows(f"select * from {patient.model('rpt_load_reconciliation')}")
    return {row["table_name"]: row for row in rows}


@dataclass(frozen=True)
class UnknownWord:
    """A word that the project does not know; `known` is the column's own description."""

    table: str
    column: str
    word: str
    rows: int
    known: str


def unknown_words(patient: Patient, rejected: Mapping[str, Iterable[Reason]]) -> list[UnknownWord]:
    """The words behind every reason unknown_<column>, the most frequent first."""
    words = []
    relations = {table.name: relation for table, relation in _quarantines(patient)}
    for table, reasons in rejected.items():
        for reason in reasons:
            column = reason.name.removeprefix("unknown_")
            if column == reason.name or column not in patient.tables[table].columns:
                continue
            counts = patient.rows(
                f"select {column} as word, count(*) as rows from {relations[table]} "
                f"where list_contains(string_split(rejection_reasons, ','), '{reason.name}') "
                f"group by 1 order by rows desc, word"
            )
            known = patient.tables[table].columns[column].description
            words += [UnknownWord(table, column, row["word"], row["rows"], known) for row in counts]
    return words


def status_line(word: str) -> tuple[str, str]:
    """The line of seeds/order_statuses.csv for a status, and why it says so.

    Whether such an order counts is the shop's decision; the line carries the answer of the known
    word that is spelt like it, if there is one.
    """
    with (PROJECT / "seeds" / "order_statuses.csv").open(newline="", encoding="utf-8") as lines:
        known = {row["status"]: row for row in csv.DictReader(lines)}
    close = get_close_matches(word, known, n=1, cutoff=LIKENESS_OF_STATUSES)
    like = known[close[0]] if close else {"is_counted": "true", "is_cancelled": "false"}
    line = io.StringIO()
    cells = [word, like["is_counted"], like["is_cancelled"], "my shop"]
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue(), f"as {close[0]}" if close else "a guess"
