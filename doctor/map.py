"""python -m doctor.map EXPORT MAPPING.sql DIRECTORY: turns a shop's export into a raw table.

The mapping is one SELECT (DuckDB) from `export`, the file with every cell as text and a blank cell
as NULL. `money(cell)` reads an amount, blank as 0. What it selects becomes
DIRECTORY/<name of the mapping>.parquet, so orders.sql makes orders.parquet.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from collections.abc import Sequence
from glob import glob
from pathlib import Path

import duckdb


class NoMapping(Exception):
    """Export and mapping do not make a table; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the table was written, 1 where it was not."""
    parser = argparse.ArgumentParser(
        prog="python -m doctor.map",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("export", help="CSV or Parquet; a pattern names several files")
    parser.add_argument("mapping", help="<raw table>.sql")
    parser.add_argument("directory", help="where the raw table goes")
    options = parser.parse_args(arguments)
    if "" in (options.export, options.mapping, options.directory):
        print("Name all three: make map EXPORT=export.csv MAPPING=orders.sql OUT=directory")
        return 1
    try:
        target, rows = write_table(options.export, Path(options.mapping), Path(options.directory))
    except NoMapping as error:
        print(error)
        return 1
    print(f"{target}: {rows:,} rows. Next: make doctor RAW={options.directory}")
    return 0


def write_table(export: str, mapping: Path, directory: Path) -> tuple[Path, int]:
    """Writes the raw table; its path and how many rows it has. Raises NoMapping."""
    if not mapping.is_file():
        raise NoMapping(f"There is no mapping {mapping}.")
    target = directory / f"{mapping.stem}.parquet"
    query = mapping.read_text(encoding="utf-8").strip().rstrip(";")
    with duckdb.connect() as connection:
        try:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(
                "create macro money(cell) as coalesce(cast(cell as decimal(18, 4)), 0)"
            )
            connection.execute(f"create view export as select * from {_scan(export)}")
            connection.execute(f"create table mapped as {query}")
            directory.mkdir(parents=True, exist_ok=True)
            connection.table("mapped").write_parquet(str(target))
        except (duckdb.Error, OSError, UnicodeError) as error:
            raise NoMapping(
                f"{export} and {mapping} make no table: {_first_lines(error)}"
            ) from error
        [[rows]] = connection.execute("select count(*) from mapped").fetchall()
    return target, rows


def _scan(export: str) -> str:
    """What stands after FROM. Raises NoMapping where there is no such file."""
    files = sorted(glob(export, recursive=True))
    if not files:
        raise NoMapping(f"There is no export {export}.")
    listed = ", ".join(_literal(file) for file in files)
    if files[0].endswith(".parquet"):
        return f"read_parquet([{listed}], union_by_name = true)"
    delimiter, names = _header(files[0])
    columns = ", ".join(f"{_literal(name)}: 'varchar'" for name in names)
    # The header is read here: DuckDB takes a torn file for one of a single column and says nothing.
    return (
        f"read_csv([{listed}], auto_detect = false, header = true, delim = '{delimiter}', "
        f"""quote = '"', escape = '"', columns = {{{columns}}})"""
    )


def _header(file: str) -> tuple[str, list[str]]:
    """The delimiter and the names of the columns."""
    with (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf-8-sig") as lines:
        header = lines.readline()
    delimiter = max(",;\t|", key=header.count)
    return delimiter, next(csv.reader([header], delimiter=delimiter), [])


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_lines(error: Exception) -> str:
    """What is wrong and where, without DuckDB's quotation and list of remedies."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(line for line in lines[:3] if not line.startswith(("LINE ", "^")))


if __name__ == "__main__":
    sys.exit(main())
