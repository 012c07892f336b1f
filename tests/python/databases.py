"""Database against database: every table that people read, row for row and column for column.

The tables are those that the databases have, so that a mart made tomorrow is compared too. Tables
are bags of rows: no grain is needed, and a row twice is a difference.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from compare import is_same

SCHEMAS = ("marts", "quarantine")
SIDES = ("complete", "incremental")
# No column of these schemas tells when a build ran; one that did would be named here.
SHOWN_ROWS = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """What one table of an incremental build has otherwise than that of a full build."""

    table: str
    missing: Sequence[Row] = ()
    surplus: Sequence[Row] = ()
    columns: str = ""

    def __str__(self) -> str:
        if self.columns:
            return f"{self.table}: {self.columns}"
        lines = [f"{self.table}: {len(self.missing)} rows missing, {len(self.surplus)} too much"]
        left = list(self.surplus)
        for row in self.missing[:SHOWN_ROWS]:
            twin = max(left, key=lambda other: _likeness(row, other), default=None)
            if twin is None or _likeness(row, twin) < len(row) / 2:
                lines.append(f"    missing: {_shown(row)}")
                continue
            left.remove(twin)
            cells = {
                name: (cell, twin[name])
                for name, cell in row.items()
                if not is_same(cell, twin[name])
            }
            same = {name: cell for name, cell in row.items() if name not in cells}
            changes = ", ".join(f"{name} {old!s}, found {new!s}" for name, (old, new) in cells.items())
            lines.append(f"    wanted {changes}, where {_shown(same)}")
        lines += [f"    too much: {_shown(row)}" for row in left[:SHOWN_ROWS]]
        return "\n".join(lines)

    @property
    def shops(self) -> set[int]:
        """The shops that the unequal rows speak of, by their ids and countries."""
        text = " ".join(
            cell
            for row in [*self.missing, *self.surplus]
            for cell in row.values()
            if isinstance(cell, str)
        )
        found = {int(number) for number in re.findall(r"\bs(\d+)-", text)}
        found |= {int(number) for number in re.findall(r"\bS(\d{2,})\b", text)}
        # Every fifth shop numbers its customers.
        found |= {int(number) for number in re.findall(r"(?<![\w.:-])(\d+)00\d(?![\w.:-])", text)}
        return found


def _shown(row: Row) -> str:
    return ", ".join(f"{name}={cell!s}" for name, cell in row.items() if cell is not None)[:600]


def _likeness(one: Row, other: Row) -> int:
    return sum(is_same(cell, other[name]) for name, cell in one.items())


def unequal_tables(full: Path, incremental: Path, scratch: Path) -> list[Difference]:
    """What the tables of the two databases differ in."""
    scratch.unlink(missing_ok=True)
    tables = {
        side: _copied(path, scratch, side)
        for side, path in zip(SIDES, (full, incremental), strict=True)
    }
    found = [
        Difference(table, columns=f"is in the {there} build alone")
        for there, other in (SIDES, SIDES[::-1])
        for table in sorted(tables[there].keys() - tables[other].keys())
    ]
    with duckdb.connect(str(scratch)) as connection:
        for table in sorted(tables["complete"].keys() & tables["incremental"].keys()):
            columns = [tables[side][table] for side in SIDES]
            if columns[0] != columns[1]:
                said = f"has columns {columns[1]} instead of {columns[0]}"
                found.append(Difference(table, columns=said))
            else:
                found += _unequal_rows(connection, table)
    scratch.unlink()
    return found


def _copied(database: Path, scratch: Path, side: str) -> dict[str, Mapping[str, str]]:
    """Copies what the schemas hold, and tells its columns. Views name the database that they are in."""
    schemas = ", ".join(f"'{schema}'" for schema in SCHEMAS)
    columns: defaultdict[str, dict[str, str]] = defaultdict(dict)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{database}' as {database.stem} (read_only)")
        connection.execute(f"attach '{scratch}' as scratch")
        connection.execute(f"create schema scratch.{side}")
        for schema, table, name, data_type in connection.execute(
            "select table_schema, table_name, column_name, data_type "
            f"from information_schema.columns where table_schema in ({schemas}) "
            f"and table_catalog = '{database.stem}' order by all"
        ).fetchall():
            columns[f"{schema}.{table}"][name] = data_type
        for table in columns:
            connection.execute(
                f'create table scratch.{side}."{table}" as select * from {database.stem}.{table}'
            )
    return dict(columns)


def _unequal_rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Difference]:
    full, incremental = (f'{side}."{table}"' for side in SIDES)
    missing = _surplus(connection, full, incremental)
    surplus = _surplus(connection, incremental, full)
    if missing or surplus:
        missing, surplus = _without_equal_floats(missing, surplus)
    return [Difference(table, missing, surplus)] if missing or surplus else []


def _surplus(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[Row]:
    cursor = connection.execute(f"from {one} except all from {other}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _without_equal_floats(
    missing: Iterable[Row], surplus: Iterable[Row]
) -> tuple[list[Row], list[Row]]:
    """Rows are the same where nothing but floats differ, and those by less than the tolerance."""
    by_rest: defaultdict[tuple, list[Row]] = defaultdict(list)
    for row in surplus:
        by_rest[_all_but_floats(row)].append(row)
    left = []
    for row in missing:
        others = by_rest[_all_but_floats(row)]
        twin = next((other for other in others if _likeness(row, other) == len(row)), None)
        if twin is None:
            left.append(row)
        else:
            others.remove(twin)
    return left, [row for rows in by_rest.values() for row in rows]


def _all_but_floats(row: Row) -> tuple:
    return tuple(
        "a float" if isinstance(cell, float) else str(cell) for cell in row.values()
    )
