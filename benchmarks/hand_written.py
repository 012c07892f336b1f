"""Runs hand_written.sql: the core marts of a raw directory into a new database file.

    python -m benchmarks.hand_written RAW_DIRECTORY DATABASE
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.raw import HASH_KEY, ORDER_STATUSES, raw_files
from landing.warehouse import connect

TABLES = (
    "orders", "customers", "loyalty_transactions", "loyalty_programs", "refunds", "order_items",
    "customer_aliases", "exchange_rates",
)  # fmt: skip
SCRIPT = Path(__file__).with_name("hand_written.sql")


def main(raw_directory: str, database: str) -> None:
    """Run the script's statements, one by one, in a new database file."""
    connection = connect(database)
    for table in TABLES:
        connection.execute(f"set variable {table} = {raw_files(Path(raw_directory), table)}")
    connection.execute(f"set variable order_statuses = '{ORDER_STATUSES}'")
    connection.execute(f"set variable hash_key = '{HASH_KEY}'")
    # One at a time: parsed together, two statements could not have a window of one name.
    for statement in SCRIPT.read_text().split(";\n"):
        connection.execute(statement)
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
