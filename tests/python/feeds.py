"""Feeds: the raw rows of forty small shops as they arrive, load by load, build by build.

Each shop is one story, drawn by itself from the shop that shops.py makes: its rows come early or
late, in any order of the tables, and again with other cells: as good versions and bad ones, with
newer stamps, older ones and the same. A plan, drawn first, says what the stories share: how
many builds there are, which loads come before each, with which stamps and of which tables, when a
column or table appears, and with which vars a build runs. Loads of one table alone and of few shops are
frequent: a load of everything touches every customer by the way, and what a load of exchange rates
alone forgets to touch is never seen.

A story depends on its seed and not on the other stories: a failing one can be told again alone, or
many times over in one feed with a row less each time. That is how replay.py shrinks it. Hypothesis
would shrink by one feed after the other, at half a minute each, and forty shops are more choices
than it allows an example.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import shop_loyalty
import shop_trade
from harness import write_csv, write_parquet
from reference import Settings, read_statuses
from scenarios import SCENARIOS
from shop_kit import LOADED_AT, SPECIAL_DAYS, Row
from shops import (
    CUSTOMER_CHANNELS,
    CUSTOMER_DIRT,
    LEDGER_DIRT,
    MONEY,
    MONEY_COLUMNS,
    ORDER_DIRT,
    POINTS,
    PROGRAM_DIRT,
    SPARE_COLUMNS,
    TRANSACTION_TYPES,
    UNREADABLE_CUSTOMER,
    UNREADABLE_ORDER,
    Shop,
    emails_of_shop,
    parquet_types,
    rendered,
)
from shops import TABLE_COLUMNS as SHOP_COLUMNS

STORIES = 40
# Seeds of feeds for `make test` begin with it.
SHORT = "short"
LAYOUTS = ["parquet"] * 8 + ["parquet of text", "parquet of doubles", "csv", "csv.gz"]

# The note is a column that no declaration knows.
TABLE_COLUMNS = {table: [*columns, "note"] for table, columns in SHOP_COLUMNS.items()}
TABLES = tuple(TABLE_COLUMNS)
KEYS_OF_NEW_RECORDS = {
    "orders": "order_id",
    "customers": "customer_id",
    "refunds": "refund_id",
    "loyalty_transactions": "loyalty_transaction_id",
    "loyalty_memberships": "membership_event_id",
}

TABLES_OF_A_LOAD = [TABLES] * 3 + [
    ("orders",),
    ("orders",),
    ("orders", "refunds", "order_items"),
    ("orders", "customers"),
    ("customers",),
    ("customer_aliases",),
    ("exchange_rates",),
    ("refunds",),
    ("order_items",),
    ("loyalty_transactions",),
    ("loyalty_programs",),
    ("loyalty_memberships",),
    ("redemption_estimates",),
]
LOAD_COLUMNS = [["updated_at", "_loaded_at"]] * 9 + [["_loaded_at"], ["updated_at"], []]
# The next load: in the same moment, in the same second, minutes, days or months later.
PAUSES = [timedelta(0)] * 2 + [timedelta(microseconds=1), timedelta(minutes=10)]
PAUSES += [timedelta(days=1), timedelta(days=45)]

# Another value of one var, as somebody may try between two builds.
VAR_CHANGES: list[dict[str, Any]] = [
    {"reporting_timezone": "Asia/Tokyo"},
    {"raw_timezone": "America/New_York"},
    {"churn_after_days": 20},
    {"at_risk_after_days": 9},
    {"rolling_bucket_days": [11]},
    {"sparse_customers": 3},
    {"churn_percentile": 0.3},
    {"at_risk_percentile": 0.1},
    {"churn_interval_multiplier": 4},
    {"churn_interval_floor_days": 300},
    {"churn_interval_ceiling_days": 50, "at_risk_interval_share": 0.9},
    {"segments": ["acquisition_channel", "country_code"]},
    {"period_grains": ["month", "fiscal_year"]},
    {"reporting_currency": "GBP"},
    {"max_customers_per_email": 3},
    {"max_customers_per_email": 0},
    {"week_start": "thursday"},
    {"fiscal_year_start_month": 5},
    {"gross_margin_rate": 0.25, "lift_window_days": 40},
    {"expected_lifespan_years": 7},
    {"point_value": 0.05, "points_expiry": {"default": "posted", "s1-gold": "computed"}},
    {"item_gap_tolerance": 1.5},
]
NEVER = 10_000

DIRT = {
    "orders": ORDER_DIRT,
    "customers": CUSTOMER_DIRT,
    "refunds": shop_trade.REFUND_DIRT,
    "order_items": shop_trade.ITEM_DIRT,
    "customer_aliases": shop_trade.ALIAS_DIRT,
    "exchange_rates": shop_trade.RATE_DIRT,
    "loyalty_transactions": LEDGER_DIRT,
    "loyalty_programs": PROGRAM_DIRT,
    "loyalty_memberships": shop_loyalty.MEMBERSHIP_DIRT,
    "redemption_estimates": shop_loyalty.ESTIMATE_DIRT,
}
UNREADABLE = {
    "orders": UNREADABLE_ORDER,
    "customers": UNREADABLE_CUSTOMER,
    "refunds": shop_trade.UNREADABLE_REFUND,
    "order_items": shop_trade.UNREADABLE_ITEM,
    "exchange_rates": shop_trade.UNREADABLE_RATE,
    "loyalty_memberships": shop_loyalty.UNREADABLE_MEMBERSHIP,
    "redemption_estimates": shop_loyalty.UNREADABLE_ESTIMATE,
}


# ---------------------------------------------------------------- what all stories share


@dataclass(frozen=True)
class Load:
    """What reaches the raw zone at once: one file for each table that has rows."""

    step: int
    loaded_at: datetime
    tables: Sequence[str]
    # The share of shops that something arrives of.
    busy: float
    name: str


@dataclass(frozen=True)
class Step:
    """One build: with which vars, of everything or of a drawn part, and compared or not."""

    variables: Mapping[str, Any]
    is_full_refresh: bool = False
    is_compared: bool = False
    # The share of models that a partial run selects.
    part: float | None = None


@dataclass(frozen=True)
class Plan:
    """All that a feed's stories have in common."""

    seed: str
    layout: str
    settings: Settings
    steps: Sequence[Step]
    loads: Sequence[Load]
    load_columns: Mapping[str, Sequence[str]]
    # The number of the first load that has the table, or the column.
    first_load_of_table: Mapping[str, int]
    first_load_of_column: Mapping[tuple[str, str], int]
    # Each table is stamped by a clock of its own.
    clocks: Mapping[str, timedelta]
    # Builds before which rows below the watermark come and go, against the contract.
    unruly_steps: frozenset[int] = frozenset()

    @property
    def is_text(self) -> bool:
        return self.layout in ("csv", "csv.gz", "parquet of text")

    def stamp(self, table: str, load: int) -> datetime:
        return self.loads[load].loaded_at + self.clocks[table]

    def columns(self, table: str, load: int) -> list[str]:
        """The columns that the table's file of that load has."""
        return [
            name
            for name in [*TABLE_COLUMNS[table], *self.load_columns[table]]
            if self.first_load_of_column.get((table, name), 0) <= load
        ]


def draw_plan(seed: str) -> Plan:
    """Two plans of three are plain: tables and columns stay what they are, and all have stamps.

    What is not plain is rebuilt in full sooner or later, and shows little of what an increment does.
    """
    random = Random(f"plan {seed}")
    is_short = seed.startswith(SHORT)
    is_plain = is_short or random.random() < 0.67
    layout = "parquet" if is_short else random.choice(LAYOUTS)
    variables = {} if is_short else dict(random.choice(list(SCENARIOS.values())))
    variables.pop("as_of_date", None)
    count = 3 if is_short else random.randint(3, 6)
    is_unruly = not is_plain and random.random() < 0.4
    loads = _draw_loads(random, count)
    return Plan(
        seed=seed,
        layout=layout,
        settings=Settings.from_vars(variables),
        steps=_draw_steps(random, variables, count, is_short, is_plain),
        loads=loads,
        load_columns={
            table: LOAD_COLUMNS[0] if is_plain else random.choice(LOAD_COLUMNS) for table in TABLES
        },
        first_load_of_table={} if is_plain else _draw_late_tables(random, len(loads)),
        first_load_of_column={} if is_plain else _draw_late_columns(random, len(loads), is_unruly),
        clocks={
            table: timedelta(hours=random.choice([0, 0, 5, -30])) for table in TABLES
        },
        unruly_steps=frozenset(
            step for step in range(1, count) if is_unruly and random.random() < 0.5
        ),
    )


def _draw_loads(random: Random, steps: int) -> list[Load]:
    loads: list[Load] = []
    at = LOADED_AT
    for step in range(steps):
        # No load at all before one of the later builds, several before another.
        for _ in range(random.choice([1, 1, 2] if step == 0 else [0, 1, 1, 1, 2, 3])):
            is_first = not loads
            loads.append(
                Load(
                    step=step,
                    loaded_at=at,
                    tables=TABLES if is_first else random.choice(TABLES_OF_A_LOAD),
                    busy=1 if is_first else random.choice([0.05, 0.2, 0.5, 1]),
                    # Files are not always named in the order in which they come.
                    name=f"{random.choice(['batch', 'batch', 'again'])}_{len(loads) + 1:04d}",
                )
            )
            at += random.choice(PAUSES)
    return loads


def _draw_steps(
    random: Random, base: Mapping[str, Any], count: int, is_short: bool, is_plain: bool
) -> list[Step]:
    steps: list[Step] = []
    changed: dict[str, Any] = {}
    for number in range(count):
        days = [*random.sample(SPECIAL_DAYS, 2), SPECIAL_DAYS[0] - timedelta(days=100)]
        as_of_date = random.choice(["", "", "", *[day.isoformat() for day in days]])
        if not is_plain and number and random.random() < 0.15:
            changed = random.choice([{}, *VAR_CHANGES])
        is_last = number == count - 1
        is_inner = not is_short and 0 < number < count - 1
        part = random.choice([0.02, 0.1, 0.4, 0.8])
        is_part = is_inner and random.random() < 0.15
        steps.append(
            Step(
                variables={**base, **changed, "as_of_date": as_of_date},
                part=part if is_part else None,
                is_full_refresh=is_inner and random.random() < 0.05,
                is_compared=is_last or (not is_part and 0 < number and random.random() < 0.4),
            )
        )
    return steps


def _draw_late_tables(random: Random, loads: int) -> dict[str, int]:
    late = random.choice([[], [], random.sample(TABLES, 1), random.sample(TABLES, 3)])
    return {table: random.randrange(loads) for table in late if table != "orders"}


def _draw_late_columns(
    random: Random, loads: int, is_unruly: bool
) -> dict[tuple[str, str], int]:
    late: dict[tuple[str, str], int] = {}
    for table in TABLES:
        late[table, "note"] = random.choice([NEVER] * 4 + [0, random.randrange(loads)])
        spare = [*SPARE_COLUMNS[table], "updated_at", *["_loaded_at"] * 10 * is_unruly]
        if random.random() < 0.15:
            late[table, random.choice(spare)] = random.randrange(loads)
    return late


# ---------------------------------------------------------------- the story of one shop


@dataclass(frozen=True)
class Arrival:
    """A raw row, the load that brought it and, where rows may go, the build before which it went."""

    table: str
    load: int
    row: Row
    gone_at_step: int | None = None

    def is_there(self, step: int, loads: Sequence[Load]) -> bool:
        is_gone = self.gone_at_step is not None and step >= self.gone_at_step
        return loads[self.load].step <= step and not is_gone


@dataclass
class Record:
    """A version of a raw record before it is filed."""

    table: str
    cells: Row
    # The way in which a text file writes its moments.
    style: int
    # Versions of one record, and what was made from it.
    lineage: int


@dataclass
class Story:
    """One shop while its feed is drawn."""

    plan: Plan
    number: int
    random: Random
    arrivals: list[Arrival] = field(default_factory=list)
    come: list[tuple[Record, int]] = field(default_factory=list)
    new_records: int = 0

    def __post_init__(self) -> None:
        self.shop = Shop(self.random, self.number, self.plan.settings, self.plan.is_text)
        tables = self.shop.tables()
        tables["exchange_rates"] = shop_trade.exchange_rates(self.shop)
        self._give_currencies_of_its_own(tables)
        for row in [*tables["refunds"], *tables["order_items"]]:
            # An order that never comes, but for the story in which it does.
            if row["order_id"] == shop_trade.NOWHERE:
                row["order_id"] = f"s{self.number}-nowhere"
        self.waiting = [
            Record(table, row, self._pick(range(4)), lineage)
            for lineage, (table, row) in enumerate(
                (table, row) for table in TABLES for row in tables[table]
            )
        ]
        for record in self.waiting:
            record.cells["note"] = self._pick([None, "x", "y"])
            if record.table == "loyalty_programs":
                record.cells["point_value"] = self._pick([None, "0.02"])
        self.pools = self._cells_by_column()
        self.is_settled = self._is_drawn(0.25)
        self.lateness = self._pick([0, 0.1, 0.4, 0.4, 0.8])

    def _pick(self, choices: Sequence[Any]) -> Any:
        return self.random.choice(choices)

    def _is_drawn(self, share: float) -> bool:
        return self.random.random() < share

    def _give_currencies_of_its_own(self, tables: Mapping[str, list[Row]]) -> None:
        """Rates belong to all shops; a currency for each shop gives each its own story of rates."""
        home = self.plan.settings.reporting_currency
        for code in {"USD", "EUR", "GBP", "JPY"} - {home}:
            own = f"{code[0]}{self.number:02d}"
            for row in [*tables["orders"], *tables["exchange_rates"]]:
                if row["currency"]:
                    row["currency"] = (
                        row["currency"].replace(code, own).replace(code.lower(), own.lower())
                    )

    def _cells_by_column(self) -> dict[str, list[Any]]:
        """What stands in a column, in whichever table: cells that another row may have instead."""
        pools: defaultdict[str, dict[Any, None]] = defaultdict(dict)
        for record in self.waiting:
            for name, cell in record.cells.items():
                pools[name][cell] = None
        people = pools["customer_id"] | pools["alias_customer_id"]
        pools["customer_id"] = pools["alias_customer_id"] = people
        pools["email"] |= dict.fromkeys(emails_of_shop(self.number))
        pools["status"] |= dict.fromkeys(sorted(read_statuses()))
        pools["acquisition_channel"] |= dict.fromkeys(CUSTOMER_CHANNELS)
        pools["country_code"] = dict.fromkeys([self.shop.country, None])
        pools["rate_to_reporting"] |= dict.fromkeys(shop_trade.RATES)
        pools["points"] |= dict.fromkeys(POINTS)
        pools["transaction_type"] |= dict.fromkeys(TRANSACTION_TYPES)
        pools["program_type"] = dict.fromkeys(["points", "cashback", "experiential", "lottery"])
        pools["point_value"] = dict.fromkeys([None, "0.02", "0.5"])
        pools["refund_amount"] |= dict.fromkeys(["0", "0.05"])
        pools["quantity"] |= dict.fromkeys(["1", "2"])
        return {name: list(cells) for name, cells in pools.items()}

    # ------------------------------------------------------------ what changes in a row

    def _changed(self, record: Record, stamp: datetime) -> Record:
        """The same record with other cells: another customer, day or amount; dirt; all put right."""
        kind = self._pick(["cell"] * 6 + ["cells", "nothing", "dirt", "good", "good", "new"])
        changes: Row = {}
        if kind in ("cell", "cells"):
            for _ in range(1 if kind == "cell" else 3):
                changes |= self._other_cell(record.table, record.cells)
        elif kind == "dirt":
            unreadable = UNREADABLE.get(record.table, []) if self.plan.is_text else []
            future = [{"ordered_at": stamp + timedelta(days=1, microseconds=n)} for n in (0, 1)]
            dirt = DIRT[record.table] + unreadable
            changes = self._pick(dirt + (future if record.table == "orders" else []))
        elif kind == "good":
            changes = self._good_cells(record.table)
        if changes.get("order_id") == shop_trade.NOWHERE:
            changes = changes | {"order_id": f"s{self.number}-nowhere"}
        style = record.style if kind == "nothing" else self._pick(range(4))
        lineage = record.lineage
        if kind == "new" and record.table in KEYS_OF_NEW_RECORDS:
            self.new_records += 1
            lineage = -self.new_records
            key = KEYS_OF_NEW_RECORDS[record.table]
            changes = {
                key: f"s{self.number}-x{self.new_records}",
                **self._other_cell(record.table, record.cells),
            }
        return Record(record.table, record.cells | changes, style, lineage)

    def _other_cell(self, table: str, cells: Row) -> Row:
        name = self._pick([name for name in TABLE_COLUMNS[table] if name not in MONEY_COLUMNS[2:]])
        if name in MONEY_COLUMNS and table == "orders":
            return dict(zip(MONEY_COLUMNS, self._pick(MONEY), strict=True))
        if isinstance(cells[name], datetime) and self._is_drawn(0.5):
            days = self._pick([-40, -1, 0, 1, 33])
            return {name: cells[name] + timedelta(days=days, microseconds=self._pick([-1, 1]))}
        return {name: self._pick(self.pools[name])}

    def _good_cells(self, table: str) -> Row:
        """What makes a row good, whatever was wrong with it, as far as other tables allow."""
        moment = self.shop.instant(self.shop.day_after(None))
        return {
            "orders": {
                **dict(zip(MONEY_COLUMNS, self._pick(MONEY), strict=True)),
                "ordered_at": moment,
                "status": self._pick(["completed", "paid", "cancelled"]),
                "currency": self._pick([None, *self.pools["currency"]]),
                "is_test": False,
            },
            "customers": {"created_at": moment, "email_consent": True, "is_test": False},
            "refunds": {
                "refunded_at": moment,
                "refund_amount": self._pick(["0", "1", "19.5"]),
                "refunded_shipping_amount": None,
                "refunded_tax_amount": "0.5",
            },
            "order_items": {
                "product_id": "p-1",
                "quantity": "2",
                "unit_price": "10",
                "discount_amount": "0",
                "unit_cost": self._pick([None, "1.25"]),
            },
            "customer_aliases": {},
            "exchange_rates": {"rate_to_reporting": self._pick(shop_trade.RATES)},
            "loyalty_transactions": {
                "transaction_type": self._pick(["earn", "redeem"]),
                "points": self._pick(POINTS),
                "occurred_at": moment,
                "available_at": None,
                "expires_at": None,
            },
            "loyalty_programs": {"program_type": self._pick(["points", "experiential"])},
            "loyalty_memberships": {
                "event_type": self._pick(["enrolled", "renewed", "tier_changed", "left"]),
                "occurred_at": moment,
                "fee_amount": self._pick([None, "5"]),
            },
            "redemption_estimates": {"expected_redemption_rate": self._pick(shop_loyalty.RATES)},
        }[table]

    def _restamped(self, record: Record, stamp: datetime) -> Record:
        """Changed just now, at no known time, when the version before was, before it, or in years."""
        before = record.cells["updated_at"]
        choices = [None, stamp, stamp, stamp - timedelta(hours=1)]
        if isinstance(before, datetime):
            choices += [before, before, before - timedelta(days=2), before + timedelta(hours=1)]
        if self._is_drawn(0.02):
            choices = [stamp + timedelta(days=400)]
        return replace(record, cells=record.cells | {"updated_at": self._pick(choices)})

    # ------------------------------------------------------------ how rows arrive

    def told(self) -> list[Arrival]:
        """The story from the first load to the last."""
        seen_steps: set[int] = set()
        for number, load in enumerate(self.plan.loads):
            first_tables = [
                table for table in TABLES if self.plan.first_load_of_table.get(table, 0) == number
            ]
            is_busy = number > 0 and not self.is_settled and self._is_drawn(load.busy)
            if is_busy and load.step not in seen_steps:
                seen_steps.add(load.step)
                self._let_rows_go(load.step)
            self._let_arrive(number, first_tables, 1 - self.lateness)
            if is_busy:
                tables = [table for table in load.tables if self._has_come(table, number)]
                self._let_arrive(number, tables, 0.5)
                self._restate(number, tables)
        return self.arrivals

    def _has_come(self, table: str, load: int) -> bool:
        return self.plan.first_load_of_table.get(table, 0) <= load

    def _let_arrive(self, load: int, tables: Iterable[str], share: float) -> None:
        for record in list(self.waiting):
            if record.table in tables and self._is_drawn(share):
                self.waiting.remove(record)
                self._file(record, load)

    def _restate(self, load: int, tables: Sequence[str]) -> None:
        """New versions of rows that came, and of some that have not come yet."""
        for _ in range(self._pick([1, 1, 2, 4, 6]) if tables else 0):
            # Orders and accounts move the most.
            table = self._pick([*tables, *[name for name in tables if name == "orders"] * 2])
            known = [record for record, _ in self.come if record.table == table]
            known += [record for record in self.waiting if record.table == table][:2]
            if known:
                stamp = self.plan.stamp(table, load)
                self._file(
                    self._restamped(self._changed(self._pick(known), stamp), stamp), load
                )

    def _file(self, record: Record, load: int) -> None:
        loaded_at = self._loaded_at(record.table, load)
        cells = record.cells | {"_loaded_at": loaded_at}
        self.come.append((record, len(self.arrivals)))
        self.arrivals.append(
            Arrival(
                table=record.table,
                load=load,
                row={
                    name: rendered(
                        cells[name], name, record.style, self.plan.layout, self.plan.settings
                    )
                    for name in [*TABLE_COLUMNS[record.table], "updated_at", "_loaded_at"]
                },
            )
        )

    def _loaded_at(self, table: str, load: int) -> datetime | str | None:
        stamp = self.plan.stamp(table, load)
        if self.plan.loads[load].step in self.plan.unruly_steps and self._is_drawn(0.3):
            earlier = self.plan.stamp(table, self._pick(range(load)))
            unreadable = ["soon"] if self.plan.is_text else []
            return self._pick([earlier, earlier - timedelta(days=1), None, *unreadable])
        return stamp

    def _let_rows_go(self, step: int) -> None:
        """A table without _loaded_at may be an extract that is made anew each time."""
        going = set()
        for record, number in self.come:
            is_free = "_loaded_at" not in self.plan.load_columns[record.table]
            if (is_free or step in self.plan.unruly_steps) and self._is_drawn(0.15):
                going.add(number)
                self.arrivals[number] = replace(self.arrivals[number], gone_at_step=step)
        self.come = [(record, number) for record, number in self.come if number not in going]


def tell(plan: Plan, seed: str, number: int) -> list[Arrival]:
    """The story with that seed, of the shop with that number.

    The number is in its ids and else of no effect, but that every fifth shop numbers its customers.
    """
    return Story(plan, number, Random(f"{plan.seed} {seed}")).told()


# ---------------------------------------------------------------- the feed


@dataclass(frozen=True, repr=False)
class Feed:
    """A plan and what arrives of each shop."""

    plan: Plan
    arrivals: Mapping[int, Sequence[Arrival]]

    def __repr__(self) -> str:
        rows = sum(len(story) for story in self.arrivals.values())
        return (
            f"<feed {self.plan.seed!r} as {self.plan.layout}: {len(self.arrivals)} stories, "
            f"{rows} rows, {len(self.plan.loads)} loads, {len(self.plan.steps)} builds>"
        )

    @cached_property
    def _by_file(self) -> dict[tuple[str, int], list[Arrival]]:
        by_file: defaultdict[tuple[str, int], list[Arrival]] = defaultdict(list)
        for story in self.arrivals.values():
            for arrival in story:
                by_file[arrival.table, arrival.load].append(arrival)
        return by_file

    def rows(self, step: int) -> dict[str, list[Row]]:
        """The raw tables as they are before that build."""
        tables: defaultdict[str, list[Row]] = defaultdict(list)
        for (table, load), arrivals in self._by_file.items():
            columns = self.plan.columns(table, load)
            for arrival in arrivals:
                if arrival.is_there(step, self.plan.loads):
                    tables[table].append({name: arrival.row[name] for name in columns})
        return dict(tables)

    def write(self, raw: Path, step: int) -> None:
        """Makes the raw zone that of the step, from that of the step before."""
        raw.mkdir(exist_ok=True)
        for (table, load), arrivals in self._by_file.items():
            there = self._there(arrivals, step)
            if there and there != self._there(arrivals, step - 1):
                self._write_file(raw, table, load, there)
                self._age(self._path(raw, table, load), step)
            elif not there:
                self._path(raw, table, load).unlink(missing_ok=True)

    def _there(self, arrivals: Sequence[Arrival], step: int) -> list[Row]:
        return [arrival.row for arrival in arrivals if arrival.is_there(step, self.plan.loads)]

    def _path(self, raw: Path, table: str, load: int) -> Path:
        ending = "parquet" if self.plan.layout.startswith("parquet") else self.plan.layout
        return raw / table / f"{self.plan.loads[load].name}.{ending}"

    def _age(self, path: Path, step: int) -> None:
        """Written long before the build, as most files are: so new rows alone are looked at."""
        written_at = (LOADED_AT + timedelta(days=step)).timestamp()
        os.utime(path, (written_at, written_at))

    def _write_file(self, raw: Path, table: str, load: int, rows: Sequence[Row]) -> None:
        columns = self.plan.columns(table, load)
        path = self._path(raw, table, load)
        if self.plan.layout.startswith("csv"):
            write_csv(path, rows, columns)
        else:
            types = parquet_types(columns, self.plan.layout)
            write_parquet(path, rows, columns, types)


def draw_feed(seed: str) -> Feed:
    """The feed of a seed."""
    return feed_of(draw_plan(seed))


def feed_of(plan: Plan) -> Feed:
    """The feed of a plan."""
    return Feed(plan, {number: tell(plan, f"story {number}", number) for number in range(STORIES)})
