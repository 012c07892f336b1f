"""One day's new raw rows for a history that has been built, and the raw directory to which they are delivered.

    python -m benchmarks.day RAW_DIRECTORY DAY_DIRECTORY [--orders 9000]

The same history, number of orders and seed give the same rows; day.sql tells what a day consists of.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.raw import REPOSITORY, raw_files
from landing.warehouse import connect

SCRIPT = Path(__file__).with_name("day.sql")
DEMO_MACROS = REPOSITORY / "demo" / "macros.sql"

# What 10 million orders in three years come to, on average.
ORDERS_OF_A_DAY = 9_000
SEED = 42

# What a night brings rows of.
DAILY_TABLES = (
    "orders", "order_items", "refunds", "customers", "customer_aliases", "loyalty_transactions", "exchange_rates",
)  # fmt: skip

# Shares are of the day's number of new orders.
SHARES = {
    # The last days, whose orders those of the new one are like.
    "template_days": 90,
    # Placed days ago and delivered only now, by up to so many days more than one.
    "late_share": 0.01,
    "latest_days": 20,
    # Orders of the last month that change: shipped, cancelled, sent back.
    "restated_share": 0.05,
    # Refund rows, one in twenty for an order of more than a month ago.
    "refunds_share": 0.04,
    "changed_customers_share": 0.01,
    "merged_accounts_share": 0.002,
}


@dataclass(frozen=True)
class Day:
    """The files of a day, and what is in them."""

    directory: Path

    @property
    def file_of_contents(self) -> Path:
        """Keeps what count_contents has counted."""
        return self.directory / "day.json"

    @property
    def contents(self) -> dict[str, int]:
        """Rows by table; the customers these are about, and the orders that these had placed before."""
        return json.loads(self.file_of_contents.read_text())

    def file(self, table: str) -> Path:
        """The day's rows of a table."""
        return self.directory / f"{table}.parquet"


def make_day(raw: Path, directory: Path, orders: int = ORDERS_OF_A_DAY, persons_share: float = 1) -> Day:
    """Write the rows of the day after the history in `raw`; they concern a share of its persons."""
    day = Day(directory)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    connection = connect()
    connection.execute(f"set variable seed = {SEED}")
    connection.execute(DEMO_MACROS.read_text())
    for table in DAILY_TABLES:
        connection.execute(f"set variable {table}_files = {raw_files(raw, table)}")
    # A load in the small hours brings the day before: what comes next happens on the day of the last load.
    connection.execute(
        "set variable day = (select max(_loaded_at)::date from read_parquet(getvariable('orders_files')))"
    )
    for name, value in {"orders": orders, "persons_share": persons_share, **SHARES}.items():
        connection.execute(f"set variable {name} = {value}")
    connection.execute(SCRIPT.read_text())
    for table in DAILY_TABLES:
        connection.execute(f"copy (from day_{table} order by all) to '{day.file(table)}'")
    day.file_of_contents.write_text(json.dumps(count_contents(connection), indent=2) + "\n")
    return day


def count_contents(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows by table, the customers these are about, and the orders these had placed before."""
    rows = {
        table: connection.execute(f"select count(*) from day_{table}").fetchone()[0] for table in DAILY_TABLES
    }
    customers, earlier_orders = connection.execute(
        """
        with customers as (
            select customer_id from day_orders
            union
            select customer_id from fates
            union
            select customer_id from day_customers
            union
            select customer_id from day_loyalty_transactions
        )

        select
            (select count(customer_id) from customers),
            (
                select count(*)
                from read_parquet(getvariable('orders_files'))
                where customer_id in (select customer_id from customers where customer_id is not null)
            )
        """
    ).fetchone()
    return {**rows, "customers concerned": customers, "their earlier orders": earlier_orders}


def link_history(raw: Path, shop: Path) -> None:
    """A raw directory with the files of another; tables that grow by the day are folders in it."""
    shutil.rmtree(shop, ignore_errors=True)
    shop.mkdir(parents=True)
    for home in sorted(raw.iterdir()):
        if home.is_dir():
            (shop / home.name).mkdir()
            for file in sorted(home.glob("*.parquet")):
                # Hard links: DuckDB's ** passes by symbolic ones.
                os.link(file, shop / home.name / file.name)
        elif home.stem in DAILY_TABLES and home.suffix == ".parquet":
            (shop / home.stem).mkdir()
            os.link(home, shop / home.stem / "history.parquet")
        elif home.suffix == ".parquet":
            os.link(home, shop / home.name)


def deliver(day: Day, shop: Path) -> None:
    """Let the day's files lie beside those of the history."""
    withdraw(shop)
    for table in DAILY_TABLES:
        os.link(day.file(table), delivered_file(shop, table))


def withdraw(shop: Path) -> None:
    """Leave the history alone there."""
    for table in DAILY_TABLES:
        delivered_file(shop, table).unlink(missing_ok=True)


def delivered_file(shop: Path, table: str) -> Path:
    """Where a day's rows of a table lie once delivered."""
    return shop / table / "day.parquet"


def main() -> None:
    """Write the day that the command line asks for, and tell what is in it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.day", description=__doc__.splitlines()[0])
    parser.add_argument("raw", type=Path, help="the raw directory of the history")
    parser.add_argument("directory", type=Path, help="where the day's files go; what is there is deleted")
    parser.add_argument("--orders", type=int, default=ORDERS_OF_A_DAY, help="new orders, default: %(default)s")
    parser.add_argument("--persons-share", type=float, default=1, help="of the history's, default: all of them")
    arguments = parser.parse_args()
    day = make_day(arguments.raw, arguments.directory, arguments.orders, arguments.persons_share)
    for name, count in day.contents.items():
        print(f"{count:>12,} {name}")


if __name__ == "__main__":
    main()
