"""Whether two builds of the core marts hold the same figures, row for row.

    python -m benchmarks.agreement BUILT OTHER

BUILT is the database that dbt has built; OTHER a database with the same schemas, or a directory of
`<schema>/<table>.parquet`. Every column of every mart must be in both. Counts, money, dates and words
are equal to the last digit, rates and averages to 1e-9. The first table that differs ends the program with
the table, the column and an example.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from benchmarks.marts import MARTS, NOT_COMPARED, NOT_READ, QUARANTINES

RATE_TOLERANCE = 1e-9
# What dbt calls its database, and its views name.
CATALOG = "warehouse"
FLOATING_TYPES = ("DOUBLE", "FLOAT")


class Disagreement(Exception):
    """Two builds of one mart differ; the message says where."""


def main(built: str, other: str) -> None:
    """Compare all core marts and their quarantines; the first Disagreement ends it."""
    connection = duckdb.connect()
    connection.execute(f"attach '{built}' as {CATALOG} (read_only)")
    attach_other(connection, Path(other))
    for mart, key in MARTS.items():
        compare_mart(connection, mart, key)
    for table in QUARANTINES:
        compare_quarantine(connection, table)


def attach_other(connection: duckdb.DuckDBPyConnection, other: Path) -> None:
    """Let `other.<schema>.<table>` name the tables of a database or of a directory of Parquet files."""
    if other.is_file():
        connection.execute(f"attach '{other}' as other (read_only)")
        return
    connection.execute("attach ':memory:' as other")
    for file in sorted(other.glob("*/*.parquet")):
        connection.execute(f"create schema if not exists other.{file.parent.name}")
        connection.execute(
            f"create view other.{file.parent.name}.{file.stem} as from read_parquet('{file}')"
        )


def compare_mart(connection: duckdb.DuckDBPyConnection, mart: str, key: tuple[str, ...]) -> None:
    """Raise Disagreement where rows, columns or values of a mart differ."""
    built_columns = column_types(connection, f"{CATALOG}.marts.{mart}")
    for column in NOT_COMPARED.get(mart, ()):
        del built_columns[column]
    other_columns = column_types(connection, f"other.marts.{mart}")
    missing = sorted(set(built_columns) - set(other_columns))
    if missing:
        raise Disagreement(f"{mart}: the other build lacks {', '.join(missing)}.")

    connection.execute(
        f"""
        create or replace temp table compared as
        select built, other
        from (from {CATALOG}.marts.{mart} {known_rows(mart)}) as built
        full join other.marts.{mart} as other
            on {" and ".join(f"built.{column} = other.{column}" for column in key)}
        """
    )
    # A struct of an absent row is no NULL: its key is.
    only_other, only_built = f"built.{key[0]} is null", f"other.{key[0]} is null"
    differences = {column: difference(column, data_type) for column, data_type in built_columns.items()}
    counts = connection.execute(
        f"select count_if({only_other}), count_if({only_built}), "
        + ", ".join(f"count_if({condition})" for condition in differences.values())
        + " from compared"
    ).fetchone()
    if counts[0] or counts[1]:
        [built, other] = connection.execute(f"from compared where {only_other} or {only_built} limit 1").fetchone()
        row = {name: other[name] if built[key[0]] is None else built[name] for name in key}
        raise Disagreement(
            f"{mart}: {counts[1]} rows are in dbt's build alone, {counts[0]} in the other alone. One of them: {row}."
        )
    for (column, condition), count in zip(differences.items(), counts[2:], strict=True):
        if count:
            [built, other] = connection.execute(f"from compared where {condition} limit 1").fetchone()
            row = {name: built[name] for name in key}
            raise Disagreement(
                f"{mart}.{column}: {count} rows differ. One of them, {row}: dbt has {built[column]!r}, "
                f"the other {other[column]!r}."
            )


def known_rows(mart: str) -> str:
    """The condition that leaves out what is said of tables that the other build does not read."""
    return f"where table_name not in {NOT_READ}" if mart == "rpt_load_reconciliation" else ""


def column_types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Type by column, in the relation's order."""
    return {row[0]: row[1] for row in connection.execute(f"describe {relation}").fetchall()}


def difference(column: str, data_type: str) -> str:
    """The condition under which a column's two values are not the same."""
    built, other = f"built.{column}", f"other.{column}"
    if data_type not in FLOATING_TYPES:
        return f"({built} is distinct from {other})"
    return (
        f"(({built} is null) <> ({other} is null) "
        f"or abs({built} - {other}) > {RATE_TOLERANCE} * greatest(1, abs({built})))"
    )


def compare_quarantine(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """The columns of a quarantine table need not be the same: its reasons, and their rows, are."""
    example = connection.execute(
        f"""
        select *
        from (select rejection_reasons, count(*) as built_rows from {CATALOG}.quarantine.{table} group by 1)
        full join (select rejection_reasons, count(*) as other_rows from other.quarantine.{table} group by 1)
            using (rejection_reasons)
        where built_rows is distinct from other_rows
        """
    ).fetchone()
    if example:
        raise Disagreement(
            f"quarantine.{table}: dbt rejects {example[1]} rows for {example[0]!r}, the other {example[2]}."
        )


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Disagreement as disagreement:
        sys.exit(f"The builds do not agree. {disagreement}")
