"""Whether two databases that dbt has built hold the same rows.

    python -m benchmarks.same_rows BUILT OTHER [SCHEMA ...]

Every table of the schemas (marts and quarantine, unless told otherwise) is in both, with the same columns and the
same rows as often; figures that are floating point are equal to 1e-9. The tables that differ are listed with an
example, and the program fails.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import duckdb

from benchmarks.agreement import FLOATING_TYPES, RATE_TOLERANCE, column_types

SCHEMAS = ("marts", "quarantine")
# So many rows of a table are looked at one by one where their hashes differ; more are not a matter of rounding.
MOST_DIFFERENCES = 100_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    table: str
    message: str


def main(built: str, other: str, *schemas: str) -> None:
    connection = duckdb.connect()
    connection.execute(f"attach '{built}' as built (read_only)")
    connection.execute(f"attach '{other}' as other (read_only)")
    tables = {name: tables_of(connection, name, schemas or SCHEMAS) for name in ("built", "other")}
    if tables["built"] != tables["other"]:
        sys.exit(f"Not in both databases: {', '.join(sorted(tables['built'] ^ tables['other']))}.")
    differences = [
        Difference(table, message)
        for table in sorted(tables["built"])
        if (message := compare_table(connection, table))
    ]
    if differences:
        sys.exit("\n".join(f"{difference.table}: {difference.message}" for difference in differences))


def tables_of(connection: duckdb.DuckDBPyConnection, database: str, schemas: tuple[str, ...]) -> set[str]:
    rows = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_catalog = ? and list_contains(?, table_schema)",
        [database, list(schemas)],
    ).fetchall()
    return {name for [name] in rows}


def compare_table(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """What is different, in words; None where nothing is."""
    types, other_types = (column_types(connection, f"{database}.{table}") for database in ("built", "other"))
    if types != other_types:
        return f"columns differ: {sorted(set(types.items()) ^ set(other_types.items()))}."
    # Rows by their hashes first: to sort or join whole rows costs more than to build them.
    hashed = "select hash(table_rows) as row_hash, count(*) as row_count from {}.{} as table_rows group by 1"
    connection.execute(
        f"""
        create or replace temp table differing as
        select row_hash
        from ({hashed.format("built", table)}) as built
        full join ({hashed.format("other", table)}) as other using (row_hash)
        where built.row_count is distinct from other.row_count
        """
    )
    left, right = (differing_rows(connection, f"{database}.{table}") for database in ("built", "other"))
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


def differing_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> list[Row]:
    types = column_types(connection, relation)
    exact = [column for column, data_type in types.items() if data_type not in FLOATING_TYPES]
    cursor = connection.execute(
        f"select * from {relation} as table_rows where hash(table_rows) in (select row_hash from differing) "
        f"order by {', '.join(exact)} limit {MOST_DIFFERENCES}"
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def same(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return abs(one - two) <= RATE_TOLERANCE * max(1, abs(one))
    return one == two


def pick(row: Row, columns: list[str]) -> Row:
    return {column: row[column] for column in columns}


if __name__ == "__main__":
    main(*sys.argv[1:])
