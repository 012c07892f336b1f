"""Small random shops, many in one raw zone, each a country of its own.

Forty shops in one build cost what one costs. Each has its own ids and its own `country_code`, so
that the segments of the reports show each shop by itself, and 'all' shows them together. The draws
seek out what goes wrong: ties, the days around a period's end, leap days, the hours when clocks
change, days just before and after a customer churns, several versions of one record, dirt.

Hypothesis draws one number for a raw zone, and a generator seeded with it draws the rest: forty
shops are more choices than Hypothesis allows an example, and a build is too slow to shrink.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

import shop_histories
import shop_loyalty
import shop_trade
from harness import write_csv, write_parquet
from reference import KEYS, Settings, read_statuses
from shop_kit import FIRST_DAY, SPECIAL_TIMES, Draw, Row, later, load_columns, local_instant

SHOPS = 40
# subtotal, discount, of it loyalty, refunded, shipping, tax, refunded shipping, refunded tax, cost
MONEY_COLUMNS = [
    "subtotal_amount",
    "discount_amount",
    "loyalty_discount_amount",
    "refunded_amount",
    "shipping_amount",
    "tax_amount",
    "refunded_shipping_amount",
    "refunded_tax_amount",
    "cost_amount",
]
MONEY = [
    ("100", "0", "0", "0", "0", "0", "0", "0", "60"),
    ("20.50", None, None, None, None, None, None, None, None),
    ("0", "0", "0", "0", "0", "0", "0", "0", None),
    ("0", "0", "0", "0", "4.99", "0.95", "0", "0", "0"),
    ("80", "10", "0", "70", "5", "14.25", "5", "14.25", "30"),
    ("80", "80", "20", "0", "5", "0", "0", "0", "30"),
    ("33.333", "3.333", "1.111", "9.999", "0", "0", "0", "1.5", "20.001"),
    ("19.99996", "0.1", "0", "0", "0", "3.7999", "0", "0", "25"),
    ("1234567.8912", "0.0001", "0.0001", "0", "12", "0", "3", "0", None),
]
CUSTOMER_CHANNELS = ["email", " Email", "paid search", None, "", "Unknown", "ppc"]
SALES_CHANNELS = ["web", " WEB ", "store", None, "app", ""]
TEXTS = [None, "X1", " x1 ", "", "spring, 10 %", 'say "yes"']
POINTS = ["10", "100", "2.5", "0.0001", "40"]
TRANSACTION_TYPES = ["earn", " Earn", "redeem", "earn", "expire"]
TRANSACTION_TYPES += ["cancel_earn", "restore", "adjust"]

# What makes an order bad, as changes to its cells. Text that no typed column could hold is apart.
ORDER_DIRT: list[Row] = [
    {"subtotal_amount": "-5", "discount_amount": "-5", "refunded_amount": None},
    {"subtotal_amount": "-5"},
    {"shipping_amount": "-0.01"},
    {"cost_amount": "-1"},
    {"subtotal_amount": "10", "discount_amount": "10.0001", "refunded_amount": "0"},
    {"subtotal_amount": "10", "discount_amount": "4", "refunded_amount": "6.0001"},
    {"subtotal_amount": "10", "discount_amount": "4", "refunded_amount": "6"},
    {"status": "lost in space"},
    {"currency": "EUR"},
    {"currency": " usd "},
    {"currency": ""},
    {"ordered_at": None},
    {"subtotal_amount": None},
    {"order_id": None},
    {"order_id": " "},
    {"order_id": None, "status": "?", "currency": "JPY", "tax_amount": "-1"},
    {"is_test": True},
]
UNREADABLE_ORDER: list[Row] = [
    {"ordered_at": "yesterday"},
    {"ordered_at": "2024-02-30"},
    {"subtotal_amount": "ten"},
    {"discount_amount": "n/a"},
    {"cost_amount": "?"},
    {"is_test": "perhaps"},
    {"updated_at": "never"},
    {"ordered_at": "", "subtotal_amount": "1.2.3"},
]
LEDGER_DIRT: list[Row] = [
    {"transaction_type": "give away", "points": "1"},
    {"transaction_type": None, "points": "1"},
    {"transaction_type": "earn", "points": "0"},
    {"transaction_type": "redeem", "points": "-3"},
    {"transaction_type": "redeem", "points": "0"},
    {"transaction_type": "redeem", "points": "0", "reward_type": " Experiential"},
    {"transaction_type": "adjust", "points": "0"},
    {"points": None},
    {"customer_id": None},
    {"loyalty_transaction_id": None},
    {"occurred_at": None},
]
CUSTOMER_DIRT: list[Row] = [{"customer_id": None}, {"customer_id": "  "}]
UNREADABLE_CUSTOMER: list[Row] = [{"created_at": "long ago"}, {"email_consent": "if you must"}]
PROGRAM_DIRT: list[Row] = [{"program_type": "lottery"}, {"program_id": None}]

INSTANTS = {"ordered_at", "created_at", "occurred_at", "available_at", "expires_at"} | {
    "updated_at",
    "_loaded_at",
    "refunded_at",
}
FLAGS = {"is_test", "email_consent"}
AMOUNTS = {*MONEY_COLUMNS, "points", "reward_cost", *shop_trade.AMOUNTS, *shop_loyalty.AMOUNTS}
SHARES = {"point_value", "expected_redemption_rate", "partner_cost_share"}

# May be absent from a raw table altogether.
SPARE_COLUMNS = {
    "orders": [
        *MONEY_COLUMNS[1:],
        "currency",
        "status",
        "sales_channel",
        "email",
        "is_test",
        "campaign_id",
        "discount_code",
        "loyalty_program_id",
    ],
    "customers": ["acquisition_channel", "is_test", "created_at", "email", "email_consent"],
    "loyalty_transactions": [
        "program_id",
        "available_at",
        "expires_at",
        "reward_type",
        "order_id",
        "activity",
        "partner_id",
        *shop_loyalty.LEDGER_COLUMNS,
    ],
    "loyalty_programs": ["program_type", *shop_loyalty.PROGRAM_COLUMNS],
    **shop_trade.SPARE_COLUMNS,
    **shop_loyalty.SPARE_COLUMNS,
}
LAYOUTS = ["csv", "csv.gz", "parquet of text", "parquet", "parquet of doubles"]


@dataclass(frozen=True, repr=False)
class RawZone:
    """The rows of a raw zone as its files hold them, and how they are filed."""

    seed: str
    tables: Mapping[str, list[Row]]
    columns: Mapping[str, list[str]]
    layout: str
    in_folders: bool

    def __repr__(self) -> str:
        """Without the rows: thousands of cells would hide the differences that a test shows."""
        return f"<shops of {self.seed!r} as {self.layout}, in_folders={self.in_folders}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The same for Hypothesis, which else writes out every field."""
        printer.text(repr(self))

    def write(self, directory: Path) -> Path:
        """One file for each table, or a folder of two."""
        for table, rows in self.tables.items():
            ending = "parquet" if self.layout.startswith("parquet") else self.layout
            if not self.in_folders:
                self._write_file(table, rows, directory / f"{table}.{ending}")
                continue
            half = len(rows) // 2
            self._write_file(table, rows[:half], directory / table / f"part=1/a.{ending}")
            self._write_file(table, rows[half:], directory / table / f"part=2/b.{ending}")
        return directory

    def _write_file(self, table: str, rows: Sequence[Row], path: Path) -> None:
        columns = self.columns[table]
        if self.layout.startswith("csv"):
            write_csv(path, rows, columns)
        else:
            write_parquet(path, rows, columns, parquet_types(columns, self.layout))


def parquet_types(columns: Sequence[str], layout: str) -> dict[str, str]:
    """The types of Parquet columns, as far as they are not text."""
    if layout == "parquet of text":
        return {}
    money = "double" if layout == "parquet of doubles" else "decimal(18, 4)"
    types = {name: "timestamptz" for name in INSTANTS} | {name: "boolean" for name in FLAGS}
    types |= {name: money for name in AMOUNTS}
    types |= {name: "double" for name in SHARES}
    types |= {"line_number": "bigint", "rate_date": "date"}
    types |= {"points_expire_after_days": "bigint", "effective_from": "date"}
    types |= {"rate_to_reporting": money.replace("(18, 4)", "(19, 12)")}
    return {name: types[name] for name in columns if name in types}


def emails_of_shop(number: int) -> list[str]:
    """Every address that the shop with that number may use."""
    return [f"{letter}{number}@shop.example" for letter in "abcd"]


class Shop(Draw):
    """One shop while it is drawn: its customers, orders and points."""

    def customer_ids(self) -> list[str]:
        """Some shops number their customers, and some spreadsheets make floats of numbers."""
        count = self.random.randint(1, 5)
        return [
            f"{1000 * self.number + n}" if self.number % 5 == 4 else f"s{self.number}-c{n}"
            for n in range(count)
        ]

    def former_ids(self) -> list[str]:
        """Ids of accounts that were merged away and left the customers table."""
        return [f"s{self.number}-former1", f"s{self.number}-former2"]

    def emails(self) -> list[str]:
        """Addresses that customers and guests share, and one that only guests use."""
        return emails_of_shop(self.number)[: self.pick([2, 4])]

    def email(self, emails: Sequence[str]) -> str | None:
        """One of the addresses, as people write it: in any case, with blanks around it."""
        address = self.pick(emails)
        return self.pick([address] * 3 + [address.upper(), f" {address.title()}  "])

    def customers(self, ids: Sequence[str], emails: Sequence[str]) -> list[Row]:
        rows = []
        for customer_id in ids:
            if not self.pick([True, True, True, True, False]):
                continue
            row = {
                "customer_id": self.floated(customer_id),
                "email": self.pick([None, "", " ", *[self.email(emails[1:])] * 9]),
                "country_code": self.pick([self.country] * 5 + [f" {self.country} ", None]),
                "acquisition_channel": self.pick(CUSTOMER_CHANNELS),
                "acquisition_campaign_id": self.pick([None, "c-1"]),
                "created_at": self.pick(
                    [local_instant(FIRST_DAY, self.pick(SPECIAL_TIMES[:3]), "UTC")] * 6 + [None]
                ),
                "email_consent": self.pick([None, True, False]),
                "is_test": self.pick([False, None] * 4 + [True]),
                **load_columns(len(rows)),
            }
            dirt = CUSTOMER_DIRT + (UNREADABLE_CUSTOMER if self.is_text else [])
            row |= self.rarely(dirt, 12)
            changes: list[Row] = [{"acquisition_channel": "app"}, {"email": emails[-1]}]
            rows += self.versions(row, changes)
        return rows

    def orders(self, customer_ids: Sequence[str], emails: Sequence[str]) -> list[Row]:
        """Up to eighteen orders, numbered from 8: as text '10' comes before '9'."""
        statuses = read_statuses()
        uncounted = [word for word, status in statuses.items() if not status.is_counted]
        words = ["completed", None, "paid", " Shipped ", "refunded", ""] * 2
        currencies = shop_trade.order_currencies(self)
        buyers = [*customer_ids * 3, *customer_ids[-1:] * 2, *self.former_ids(), None, None]
        # Words of the seed by a generator of their own: whatever a shop adds to it, the other draws stay.
        seed_words = Random(self.random.random())
        words += ["CANCELLED", seed_words.choice(sorted(uncounted)), seed_words.choice(sorted(statuses))]
        rows: list[Row] = []
        day: date | None = None
        at: datetime | None = None
        for number in range(self.random.randint(0, 18)):
            if at is None or not self.pick([False] * 6 + [True]):  # else: at the very same moment
                day = self.day_after(day)
                at = self.instant(day)
            row = {
                "order_id": f"s{self.number}-o{number + 8}",
                "customer_id": self.floated(self.pick(buyers)),
                "ordered_at": at,
                **dict(zip(MONEY_COLUMNS, self.pick(MONEY), strict=True)),
                "currency": self.pick(currencies),
                "status": self.pick(words),
                "sales_channel": self.pick(SALES_CHANNELS),
                "email": self.pick([None, "", "  ", *[self.email(emails)] * 6]),
                "campaign_id": self.pick([None, "c-1", "7"]),
                "discount_code": self.pick(TEXTS),
                "loyalty_program_id": self.pick([None, self.order_program()]),
                "is_test": self.pick([False, None] * 10 + [True]),
                **load_columns(number),
            }
            dirt = ORDER_DIRT + (UNREADABLE_ORDER if self.is_text else [])
            row |= self.rarely(dirt, 11) or self.rarely(_futures(at), 40)
            rows += self.versions(
                row,
                [
                    {"subtotal_amount": "999", "discount_amount": "0", "refunded_amount": "0"},
                    {"status": "cancelled"},
                    {"customer_id": customer_ids[0]},
                    {"customer_id": None},
                    {"ordered_at": at - timedelta(days=40)},
                    {"status": "lost in space"},
                ],
            )
        return rows

    def order_program(self) -> str:
        """A programme that several shops share and only orders name, or one with members."""
        return shop_loyalty.plus(self) if self.number % 3 == 0 else "gold"

    def programs(self) -> list[str | None]:
        names = [f"s{self.number}-gold", None, f"s{self.number}-trips"]
        return names[: self.random.randint(1, 3)]

    def program_rows(self, programs: Sequence[str | None]) -> list[Row]:
        rows = []
        for program_id in programs:
            if program_id is None or self.pick([False, False, True]):
                continue
            row = {
                "program_id": program_id,
                "program_name": "Club",
                "program_type": "experiential" if program_id.endswith("trips") else None,
                **dict.fromkeys(shop_loyalty.PROGRAM_COLUMNS),
                **load_columns(len(rows)),
            }
            row |= self.rarely(PROGRAM_DIRT, 6)
            rows += self.versions(row, [{"program_name": "Old club"}, {"program_type": "points"}])
        return rows

    def ledger(self, customer_ids: Sequence[str], programs: Sequence[str | None]) -> list[Row]:
        """Up to eight entries of the members, one of whom never ordered."""
        members = [*customer_ids, f"s{self.number}-member", *self.former_ids()]
        rows: list[Row] = []
        day: date | None = None
        for number in range(self.random.randint(0, 8)):
            day = self.day_after(day)
            at = self.instant(day)
            transaction_type = self.pick(TRANSACTION_TYPES)
            points = self.pick(POINTS)
            if transaction_type == "adjust" and self.pick([False, True]):
                points = f"-{points}"
            days_until_available = self.pick([None, 0, 1, 14, 45])
            days_until_expiry = self.pick([None, None, 365, 0])
            row = {
                "loyalty_transaction_id": f"s{self.number}-t{number + 8}",
                "customer_id": self.pick(members),
                "transaction_type": transaction_type,
                "points": points,
                "occurred_at": at,
                "program_id": self.pick(programs),
                "order_id": self.pick([None, f"s{self.number}-o8"]),
                "available_at": later(at, days_until_available),
                "expires_at": later(at, days_until_expiry),
                "reward_type": self.pick([None, "Discount "]),
                "activity": self.pick([None, "Review", "purchase"]),
                "partner_id": self.pick([None, "77"]),
                **dict.fromkeys(shop_loyalty.LEDGER_COLUMNS),
                **load_columns(number),
            }
            dirt = [*LEDGER_DIRT, {"expires_at": at - timedelta(seconds=1)}]
            row |= self.rarely(dirt, 8)
            rows += self.versions(row, [{"points": "7"}, {"occurred_at": at + timedelta(days=33)}])
        return rows

    def tables(self) -> dict[str, list[Row]]:
        """All that is raw of this shop; exchange rates belong to no shop."""
        customer_ids, emails, programs = self.customer_ids(), self.emails(), self.programs()
        orders = self.orders(customer_ids, emails)
        loyalty = shop_loyalty.beside(self)
        members = [*customer_ids, *self.former_ids()]
        return {
            "orders": orders,
            "customers": self.customers(customer_ids, emails),
            "refunds": shop_trade.refunds(self, orders),
            "order_items": shop_trade.order_items(self, orders),
            "customer_aliases": shop_trade.customer_aliases(
                self, customer_ids, self.former_ids()
            ),
            "loyalty_programs": [
                *self.program_rows(programs),
                *shop_loyalty.program_rows(loyalty),
            ],
            "loyalty_transactions": [
                *self.ledger(customer_ids, programs),
                *shop_loyalty.ledger(loyalty, members, orders),
            ],
            "loyalty_memberships": shop_loyalty.memberships(loyalty, members),
            "redemption_estimates": shop_loyalty.redemption_estimates(loyalty),
        }


def _futures(at: datetime) -> list[Row]:
    """Loaded a day before it was ordered is allowed (clocks differ), longer before is not."""
    return [
        {"_loaded_at": at - timedelta(days=1)},
        {"_loaded_at": at - timedelta(days=1, microseconds=1)},
        {"_loaded_at": at - timedelta(days=30)},
    ]


def _text_of_instant(at: datetime, style: int, settings: Settings) -> str:
    """One of the ways in which exports write a moment."""
    local = at.astimezone(ZoneInfo(settings.reporting_timezone))
    if style == 0 and local.time() == time(0):
        return local.date().isoformat()
    if style <= 1:
        naive = at.astimezone(ZoneInfo(settings.raw_timezone)).replace(tzinfo=None)
        # A local time that the clock shows twice says too little: it needs its offset.
        readings = {
            naive.replace(tzinfo=ZoneInfo(settings.raw_timezone), fold=fold).astimezone(UTC)
            for fold in (0, 1)
        }
        if readings == {at}:
            return naive.isoformat(sep=" ")
    if style == 2:
        return at.replace(tzinfo=None).isoformat() + "Z"
    return at.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()


def rendered(cell: Any, name: str, style: int, layout: str, settings: Settings) -> Any:
    """A cell as the file of that layout holds it."""
    if isinstance(cell, datetime):
        is_typed = layout in ("parquet", "parquet of doubles")
        return cell.isoformat() if is_typed else _text_of_instant(cell, style, settings)
    if name in AMOUNTS and layout == "parquet" and cell is not None:
        return f"{Decimal(cell):.4f}"
    return cell


def _identifier(row: Row, key: Sequence[str]) -> tuple | None:
    """What the key's cells come to; None where one of them is missing."""
    if any(row[name] is None for name in key):
        return None
    return tuple(str(row[name]).strip().upper().removesuffix(".0") for name in key)


def _without_ambiguous_versions(rows: list[Row], key: Sequence[str]) -> list[Row]:
    """Leaves out versions that only the hash of the row would tell apart."""
    kept: list[Row] = []
    seen: dict[Any, dict[tuple, Row]] = {}
    for row in rows:
        stamps = (row.get("updated_at"), row.get("_loaded_at"))
        identifier = _identifier(row, key)
        stamp = (stamps[0] or stamps[1], stamps[1] or stamps[0])
        twin = seen.setdefault(identifier, {}).setdefault(stamp, row)
        has_no_stamp = stamp == (None, None)
        others = len(seen[identifier]) > 1 and (has_no_stamp or (None, None) in seen[identifier])
        if identifier is None or (twin == row and not others):
            kept.append(row)
    return kept


TABLE_COLUMNS = {
    "orders": [
        "order_id",
        "customer_id",
        "ordered_at",
        *MONEY_COLUMNS,
        "currency",
        "status",
        "sales_channel",
        "email",
        "campaign_id",
        "discount_code",
        "loyalty_program_id",
        "is_test",
    ],
    "customers": [
        "customer_id",
        "email",
        "country_code",
        "acquisition_channel",
        "acquisition_campaign_id",
        "created_at",
        "email_consent",
        "is_test",
    ],
    "loyalty_transactions": [
        "loyalty_transaction_id",
        "customer_id",
        "transaction_type",
        "points",
        "occurred_at",
        "program_id",
        "order_id",
        "available_at",
        "expires_at",
        "reward_type",
        "activity",
        "partner_id",
        *shop_loyalty.LEDGER_COLUMNS,
    ],
    "loyalty_programs": [
        "program_id",
        "program_name",
        "program_type",
        *shop_loyalty.PROGRAM_COLUMNS,
    ],
    **shop_trade.TABLE_COLUMNS,
    **shop_loyalty.TABLE_COLUMNS,
}
LOAD_COLUMN_CHOICES = [["updated_at", "_loaded_at"]] * 5 + [["_loaded_at"], ["updated_at"], []]
ABSENT_TABLES = [["customers"], ["loyalty_programs"]]
ABSENT_TABLES += [["refunds", "order_items"], ["customer_aliases", "exchange_rates"]]
ABSENT_TABLES += [["loyalty_memberships", "redemption_estimates"], *[[]] * 8]


def raw_zones(
    settings: Settings, salt: str, is_whole: bool = False
) -> st.SearchStrategy[RawZone]:
    """Raw zones; the salt makes one number mean other shops in another test."""
    return st.integers(0, 2**32 - 1).map(
        lambda number: raw_zone(f"{salt} {number}", settings, is_whole=is_whole)
    )


def raw_zone(
    seed: str, settings: Settings, shops: int = SHOPS, is_whole: bool = False
) -> RawZone:
    """Forty shops in one raw zone, in one of the layouts that a raw zone may have, and beside
    them customers with histories of their own.

    A whole zone lacks no table and no column.
    """
    random = Random(seed)
    layout = random.choice(LAYOUTS)
    is_text = layout in ("csv", "csv.gz", "parquet of text")
    tables: dict[str, list[Row]] = {name: [] for name in TABLE_COLUMNS}
    for number in range(shops):
        for table, rows in Shop(random, number, settings, is_text).tables().items():
            tables[table] += rows
    tables["loyalty_memberships"] += shop_loyalty.club_of_years(
        TABLE_COLUMNS["loyalty_memberships"]
    )
    _add_regulars(tables, Random(f"{seed} regulars"), shops, settings)
    tables["exchange_rates"] += shop_trade.exchange_rates(Draw(random, shops, settings, is_text))
    for absent in [] if is_whole else random.choice(ABSENT_TABLES):
        del tables[absent]
    columns = {name: _drawn_columns(random, name, is_whole) for name in tables}
    return RawZone(
        seed=seed,
        tables={
            name: _as_filed(rows, name, columns[name], layout, settings)
            for name, rows in tables.items()
        },
        columns=columns,
        layout=layout,
        in_folders=random.choice([False, True]),
    )


def _add_regulars(
    tables: dict[str, list[Row]], random: Random, shops: int, settings: Settings
) -> None:
    """A customer of every other shop whose orders, refunds and points lie on turning points."""
    # Where all begin in the second quarter, no interval may be known at the end of the first.
    start = random.choice([FIRST_DAY, FIRST_DAY + timedelta(days=95)])
    tables["orders"] += shop_histories.kiosk_orders(
        Draw(random, shops, settings, is_text=False), start, TABLE_COLUMNS["orders"]
    )
    for number in range(0, shops, 2):
        draw = Draw(random, number, settings, is_text=False)
        orders = shop_histories.orders(draw, start, TABLE_COLUMNS["orders"])
        tables["orders"] += orders
        tables["customers"] += shop_histories.customers(draw, TABLE_COLUMNS["customers"])
        tables["loyalty_transactions"] += shop_histories.ledger(
            draw, orders, TABLE_COLUMNS["loyalty_transactions"]
        )


def _drawn_columns(random: Random, table: str, is_whole: bool) -> list[str]:
    """The columns of a raw table: up to three spare ones may be absent, and the load columns."""
    load_columns = random.choice(LOAD_COLUMN_CHOICES)
    spare = [] if is_whole else SPARE_COLUMNS[table]
    absent = random.sample(spare, k=min(random.choice([0, 0, 0, 1, 3]), len(spare)))
    return [name for name in TABLE_COLUMNS[table] if name not in absent] + load_columns


def _as_filed(
    rows: list[Row], table: str, columns: Sequence[str], layout: str, settings: Settings
) -> list[Row]:
    """The rows with the columns that are present, each cell as its file holds it."""
    present = [{name: row[name] for name in columns} for row in rows]
    return [
        {name: rendered(cell, name, index % 4, layout, settings) for name, cell in row.items()}
        for index, row in enumerate(_without_ambiguous_versions(present, KEYS[table]))
    ]
