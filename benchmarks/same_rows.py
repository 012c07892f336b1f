"""Whether two databases that dbt has built hold the same rows.

    python -m benchmarks.same_rows BUILT OTHER [SCHEMA ...]

Every table of the schemas (marts and quarantine, unless told otherwise) is in both, with the same columns and the
same rows as often; figures that are floating point are equal to 1e-9. The tables that differ are listed with an
example, and the program fails.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from benchmarks.agreement import CATALOG, FLOATING_TYPES, RATE_TOLERANCE, column_types

SCHEMAS = ("marts", "quarantine")
# So many rows of a table are looked at one by one where their hashes differ; more are not a matter of rounding.
MOST_DIFFERENCES = 100_000

Row = dict[str, Any]
Databases = tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]


def main(built: str, other: str, *schemas: str) -> None:
    """Compare two databases; tables that differ end it with a message of each."""
    databases = open_database(built), open_database(other)
    tables = [tables_of(database, schemas or SCHEMAS) for database in databases]
    if tables[0] != tables[1]:
        sys.exit(f"Not in both databases: {', '.join(sorted(tables[0] ^ tables[1]))}.")
    with TemporaryDirectory() as scratch:
        messages = {table: compare_table(databases, table, Path(scratch)) for table in sorted(tables[0])}
    differences = [f"{table}: {message}" for table, message in messages.items() if message]
    if differences:
        sys.exit("\n".join(differences))


def open_database(path: str) -> duckdb.DuckDBPyConnection:
    """A database whose marts may be views, which name it: so each has a connection of its own."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{path}' as {CATALOG} (read_only)")
    connection.execute(f"use {CATALOG}")
    return connection


def tables_of(database: duckdb.DuckDBPyConnection, schemas: tuple[str, ...]) -> set[str]:
    """The tables and views of the schemas, by `schema.table`."""
    rows = database.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_catalog = current_catalog() and list_contains(?, table_schema)",
        [list(schemas)],
    ).fetchall()
    return {name for [name] in rows}


def compare_table(databases: Databases, table: str, scratch: Path) -> str | None:
    """What is different, in words; None where nothing is."""
    types, other_types = (column_types(database, table) for database in databases)
    if types != other_types:
        return f"columns differ: {sorted(set(types.items()) ^ set(other_types.items()))}."
    # Rows by their hashes first: to sort or join whole rows costs more than to build them.
    files = [scratch / "built.parquet", scratch / "other.parquet"]
    for database, file in zip(databases, files, strict=True):
        database.execute(
            f"copy (select hash(table_rows) as row_hash, count(*) as row_count from {table} as table_rows group by 1) "
            f"to '{file}'"
        )
    differing = scratch / "differing.parquet"
    [count] = duckdb.execute(
        f"""
        copy (
            select row_hash
            from read_parquet('{files[0]}') as built
            full join read_parquet('{files[1]}') as other using (row_hash)
            where built.row_count is distinct from other.row_count
        ) to '{differing}'
        """
    ).fetchone()
    if not count:
        return None
    left, right = (differing_rows(database, table, differing) for database in databases)
    if len(left) == MOST_DIFFERENCES:
        return f"{MOST_DIFFERENCES} rows and more are not the same to the last digit."
    exact = [column for column, data_type in types.items() if data_type not in FLOATING_TYPES]
    for one, two in zip(left, right, strict=False):
        # Sorted by all that is exact: the first pair that is no pair tells of the first difference.
        columns = [column for column in types if not same(one[column], two[column])]
        if columns:
            shown = exact[:4] + [column for column in columns if column not in exact[:4]][:4]
            return (
                f"{len(left)} and {len(right)} rows are not alike, first in {', '.join(columns[:8])}: "
                f"{pick(one, shown)} and {pick(two, shown)}."
            )
    if len(left) != len(right):
        rest = (left if len(left) > len(right) else right)[min(len(left), len(right))]
        return f"{len(left)} rows in one, {len(right)} in the other, one of them {pick(rest, list(types)[:8])}."
    return None


def differing_rows(database: duckdb.DuckDBPyConnection, table: str, differing: Path) -> list[Row]:
    """The rows whose hashes differ, sorted by all that is exact; at most MOST_DIFFERENCES."""
    types = column_types(database, table)
    exact = [column for column, data_type in types.items() if data_type not in FLOATING_TYPES]
    cursor = database.execute(
        f"select * from {table} as table_rows "
        f"where hash(table_rows) in (select row_hash from read_parquet('{differing}')) "
        f"order by {', '.join(exact)} limit {MOST_DIFFERENCES}"
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def same(one: Any, two: Any) -> bool:
    """Equal, and floating point to RATE_TOLERANCE."""
    if isinstance(one, float) and isinstance(two, float):
        return abs(one - two) <= RATE_TOLERANCE * max(1, abs(one))
    return one == two


def pick(row: Row, columns: list[str]) -> Row:
    """Some columns of a row."""
    return {column: row[column] for column in columns}


if __name__ == "__main__":
    main(*sys.argv[1:])
