"""Makes the demo shop: runs the SQL files of this folder and writes what they select.

    steps/    how the shop lives: one temporary table per file, named after it
    tables/   the raw tables of the contract, good rows, one file each
    dirt/     bad and repeated rows, made from the good ones, with what should become of them
    truth/    what only the generator knows, written beside the raw data

A shop is made in chunks of persons. No draw looks beyond its own person (see `uniform` in macros.sql), so neither
the size of the chunks nor the number of threads changes a row.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import duckdb

from demo.parameters import Parameters

HERE = Path(__file__).parent

Names = tuple[str, ...]

# Made once, for the shop.
SHOP_STEPS = ("calendar", "products", "campaign_plan")
SHOP_TABLES = (
    "exchange_rates",
    "loyalty_programs",
    "redemption_estimates",
    "campaigns",
    "marketing_spend",
)
SHOP_TRUTHS = ("campaigns", "programs")

# Made for each chunk of persons, in this order.
BEHAVIOUR_STEPS = ("persons", "campaign_audience", "purchase_moments", "enrolments", "placed_orders")
BASKET_STEPS = ("order_lines", "order_values", "member_orders", "point_lots", "points_used")
CHUNK_TABLES = (
    "customers",
    "customer_aliases",
    "orders",
    "order_items",
    "refunds",
    "loyalty_memberships",
    "loyalty_transactions",
    "campaign_events",
    "nps_responses",
    "referrals",
)
CHUNK_TRUTHS = ("customers",)

RAW_TABLES = SHOP_TABLES + CHUNK_TABLES

# Persons whose orders are counted to find out how many customers make the orders that were asked for.
PILOT_PERSONS = 10_000


class Shop:
    """One run: a DuckDB connection, the parameters and where the files go."""

    def __init__(
        self,
        parameters: Parameters,
        raw_directory: Path,
        chunk_persons: int = 250_000,
        threads: int | None = None,
        memory_limit: str = "4GB",
    ):
        self.parameters = parameters
        self.raw_directory = raw_directory
        self.truth_directory = raw_directory.resolve().parent / f"{raw_directory.resolve().name}_truth"
        self.chunk_persons = chunk_persons
        self.connection = connect(parameters, threads, memory_limit)

    @property
    def chunks(self) -> list[range]:
        """The persons, a range of numbers per chunk."""
        persons = range(self.parameters.customers)
        return [persons[i : i + self.chunk_persons] for i in range(0, len(persons), self.chunk_persons)]

    def make(self) -> Iterator[range]:
        """Write the shop, yielding each chunk when its files are there."""
        remove_earlier_tables(self.raw_directory, RAW_TABLES)
        remove_earlier_tables(self.truth_directory, SHOP_TRUTHS + CHUNK_TRUTHS)
        remove_earlier_tables(self.truth_directory / "dirt", RAW_TABLES)
        self.create("steps", SHOP_STEPS)
        self.write(SHOP_TABLES, SHOP_TRUTHS)
        for number, chunk in enumerate(self.chunks):
            self.simulate(chunk)
            self.write(CHUNK_TABLES, CHUNK_TRUTHS, None if len(self.chunks) == 1 else number)
            yield chunk
        self.write_parameters()

    def simulate(self, chunk: range) -> None:
        """Let the persons of a chunk buy, join, spend points and send back."""
        persons = {"first_person": chunk.start, "last_person": chunk.stop}
        self.create("steps", BEHAVIOUR_STEPS, **persons)
        self.create("steps", BASKET_STEPS)
        # Points given back can be spent again: add them to the lots and spend anew. What was spent until then
        # stays the same, and nobody is given back points twice.
        self.run("insert into point_lots by name " + self.read("steps", "restored_lots"))
        self.create("steps", ("points_used",))

    def write(self, tables: Names, truths: Names, number: int | None = None) -> None:
        """Write raw tables with their dirt, and the truth about them. A numbered chunk is one file of a folder."""
        self.create("tables", tables)
        for truth in truths:
            self.copy(self.read("truth", truth), self.truth_directory, truth, number)
        # All dirt is made from good rows, so none is added before all of it is there.
        dirty = [table for table in tables if (HERE / "dirt" / f"{table}.sql").exists()]
        for table in dirty:
            self.run(f"create or replace temp table dirty_{table} as " + self.read("dirt", table))
            self.copy(f"from dirty_{table}", self.truth_directory / "dirt", table, number)
        for table in dirty:
            columns = "* exclude (dirt_kind, outcome, rejection_reasons)"
            self.run(f"insert into {table} by name select {columns} from dirty_{table}")
        for table in tables:
            # By night of load: a reader who wants the last nights skips the other row groups.
            self.copy(f"from {table} order by _loaded_at, 1, 2, updated_at", self.raw_directory, table, number)
            self.run(f"drop table {table}")

    def create(self, folder: str, names: Names, **more: object) -> None:
        """Run files, each into a temporary table of its name."""
        for name in names:
            self.run(f"create or replace temp table {name} as " + self.read(folder, name), **more)

    def copy(self, query: str, directory: Path, name: str, number: int | None) -> None:
        """Write the rows of a query as Parquet: a file of that name, or its nth part."""
        path = directory / f"{name}.parquet"
        if number is not None:
            path = directory / name / f"part-{number:04d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        target = str(path).replace("'", "''")
        self.run(f"copy ({query}) to '{target}' (format parquet)")

    def run(self, sql: str, **more: object) -> duckdb.DuckDBPyConnection:
        """Run a statement with the parameters that it names."""
        values = self.parameters.numbers() | more
        return self.connection.execute(sql, {name: values[name] for name in re.findall(r"\$(\w+)", sql)})

    def read(self, folder: str, name: str) -> str:
        """The SQL of a step."""
        return (HERE / folder / f"{name}.sql").read_text()

    def write_parameters(self) -> None:
        """Write the parameters as JSON beside what is true of the shop."""
        text = json.dumps(asdict(self.parameters), indent=4, default=str)
        (self.truth_directory / "parameters.json").write_text(text + "\n")


def connect(parameters: Parameters, threads: int | None, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """An in-memory database that knows the macros and the lists of the parameters."""
    connection = duckdb.connect(config={"memory_limit": memory_limit} | ({"threads": threads} if threads else {}))
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"set variable seed = {int(parameters.seed)}")
    connection.execute((HERE / "macros.sql").read_text())
    for name, rows in parameters.lists().items():
        connection.execute(f"create temp table {name} as select unnest($rows, recursive := true)", {"rows": rows})
    return connection


def customers_for_orders(parameters: Parameters, orders: int) -> int:
    """How many customers make about so many orders: counted on a small shop, not reckoned."""
    pilot = replace(parameters, customers=PILOT_PERSONS)
    shop = Shop(pilot, Path("unused"))
    shop.create("steps", SHOP_STEPS)
    shop.create("steps", BEHAVIOUR_STEPS, first_person=0, last_person=PILOT_PERSONS)
    [pilot_orders] = shop.run("select count(*) from placed_orders").fetchone()
    return max(1, round(orders * PILOT_PERSONS / pilot_orders))


def remove_earlier_tables(directory: Path, tables: Names) -> None:
    """Delete what an earlier run has written, and nothing else: a table must not have two homes."""
    for table in tables:
        (directory / f"{table}.parquet").unlink(missing_ok=True)
        for part in (directory / table).glob("part-*.parquet"):
            part.unlink()
        if (directory / table).is_dir() and not any((directory / table).iterdir()):
            (directory / table).rmdir()
