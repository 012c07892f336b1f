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
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from harness import write_csv, write_parquet
from reference import Settings, read_statuses

Row = dict[str, Any]

SHOPS = 40
FIRST_DAY = date(2023, 10, 1)
LAST_DAY = date(2025, 3, 31)
LOADED_AT = datetime(2025, 6, 1, tzinfo=UTC)

# Ends of weeks, months and years; a leap day; the nights when clocks change.
SPECIAL_DAYS = [
    date(2023, 10, 1),
    date(2023, 11, 5),
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2024, 3, 10),
    date(2024, 3, 31),
    date(2024, 6, 30),
    date(2024, 7, 1),
    date(2024, 10, 27),
    date(2024, 11, 3),
    date(2024, 12, 29),
    date(2024, 12, 30),
    date(2025, 1, 1),
]
SPECIAL_TIMES = [
    time(12),
    time(0),
    time(23, 59, 59, 999999),
    time(0, 0, 0, 1),
    time(1, 30),
    time(2, 30),
    time(22, 15),
]

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
}
FLAGS = {"is_test", "email_consent"}
AMOUNTS = {*MONEY_COLUMNS, "points", "reward_cost"}

# May be absent from a raw table altogether.
SPARE_COLUMNS = {
    "orders": [
        *MONEY_COLUMNS[1:],
        "currency",
        "status",
        "sales_channel",
        "is_test",
        "campaign_id",
        "discount_code",
        "loyalty_program_id",
    ],
    "customers": ["acquisition_channel", "is_test", "created_at", "email_consent"],
    "loyalty_transactions": [
        "program_id",
        "available_at",
        "expires_at",
        "reward_type",
        "order_id",
        "activity",
        "partner_id",
    ],
    "loyalty_programs": ["program_type"],
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
            write_parquet(path, rows, columns, self._types(columns))

    def _types(self, columns: Sequence[str]) -> dict[str, str]:
        """The types of Parquet columns, as far as they are not text."""
        if self.layout == "parquet of text":
            return {}
        money = "double" if self.layout == "parquet of doubles" else "decimal(18, 4)"
        types = {name: "timestamptz" for name in INSTANTS} | {name: "boolean" for name in FLAGS}
        types |= {name: money for name in AMOUNTS}
        return {name: types[name] for name in columns if name in types}


def _local(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a local time; whatever instant a time that the clock skips maps to."""
    local = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def _clamped(day: date) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY)


def _gaps(settings: Settings) -> list[int]:
    """Days between two orders: the same day, around a month, around the day of churn."""
    churn_day = settings.churn_after_days + 1
    around = [churn_day - 1, churn_day, churn_day + 1, churn_day + 2]
    return [0, 0, 1, 3, 7, 20, 28, 29, 30, 31, 62, *around, 1, 7, 90, 182]


@dataclass
class _Shop:
    """One shop while it is drawn."""

    random: Random
    number: int
    settings: Settings
    is_text: bool

    @property
    def country(self) -> str:
        return f"S{self.number:02d}"

    def pick(self, choices: Sequence[Any]) -> Any:
        """One of the choices; what is likely stands there more than once."""
        return self.random.choice(choices)

    def rarely(self, choices: Sequence[Row], odds: int) -> Row:
        """Nothing, or once in `odds` + 1 times one of the choices."""
        return self.pick(choices) if self.pick([False] * odds + [True]) else {}

    def day_after(self, day: date | None) -> date:
        """A special day, or some days after the day before."""
        if day is None or self.pick([False, False, True]):
            near_as_of = self.settings.as_of_date
            around = [near_as_of + timedelta(days=n) for n in (-1, 0, 1)] if near_as_of else []
            return self.pick(SPECIAL_DAYS + around)
        return _clamped(day + timedelta(days=self.pick(_gaps(self.settings))))

    def instant(self, day: date) -> datetime:
        return _local(day, self.pick(SPECIAL_TIMES), self.settings.reporting_timezone)

    def customer_ids(self) -> list[str]:
        """Some shops number their customers, and some spreadsheets make floats of numbers."""
        count = self.random.randint(1, 4)
        return [
            f"{1000 * self.number + n}" if self.number % 5 == 4 else f"s{self.number}-c{n}"
            for n in range(count)
        ]

    def floated(self, identifier: str | None) -> str | None:
        """A numeric id as a spreadsheet may write it."""
        if self.is_text and identifier and identifier.isdigit() and self.pick([False, True]):
            return f"{identifier}.0"
        return identifier

    def customers(self, ids: Sequence[str]) -> list[Row]:
        rows = []
        for number, customer_id in enumerate(ids):
            if not self.pick([True, True, True, True, False]):
                continue
            row = {
                "customer_id": self.floated(customer_id),
                "country_code": self.pick([self.country] * 5 + [f" {self.country} ", None]),
                "acquisition_channel": self.pick(CUSTOMER_CHANNELS),
                "acquisition_campaign_id": self.pick([None, "c-1"]),
                "created_at": _local(FIRST_DAY, SPECIAL_TIMES[number], "UTC"),
                "email_consent": self.pick([None, True, False]),
                "is_test": self.pick([False, None] * 6 + [True]),
                **_load_columns(len(rows)),
            }
            dirt = CUSTOMER_DIRT + (UNREADABLE_CUSTOMER if self.is_text else [])
            row |= self.rarely(dirt, 12)
            rows += self.versions(row, [{"acquisition_channel": "app"}])
        return rows

    def orders(self, customer_ids: Sequence[str]) -> list[Row]:
        """Up to eighteen orders, numbered from 8: as text '10' comes before '9'."""
        statuses = read_statuses()
        uncounted = [word for word, status in statuses.items() if not status.is_counted]
        words = ["completed", None, "paid", " Shipped ", "refunded", ""] * 2
        words += ["CANCELLED", self.pick(sorted(uncounted)), self.pick(sorted(statuses))]
        rows: list[Row] = []
        day: date | None = None
        at: datetime | None = None
        for number in range(self.random.randint(0, 18)):
            if at is None or not self.pick([False] * 6 + [True]):  # else: at the very same moment
                day = self.day_after(day)
                at = self.instant(day)
            row = {
                "order_id": f"s{self.number}-o{number + 8}",
                "customer_id": self.floated(self.pick([*customer_ids * 4, None])),
                "ordered_at": at,
                **dict(zip(MONEY_COLUMNS, self.pick(MONEY), strict=True)),
                "currency": self.pick([None, "USD"]),
                "status": self.pick(words),
                "sales_channel": self.pick(SALES_CHANNELS),
                "campaign_id": self.pick([None, "c-1", "7"]),
                "discount_code": self.pick(TEXTS),
                "loyalty_program_id": self.pick([None, "gold"]),
                "is_test": self.pick([False, None] * 10 + [True]),
                **_load_columns(number),
            }
            dirt = ORDER_DIRT + (UNREADABLE_ORDER if self.is_text else [])
            row |= self.rarely(dirt, 11) or self.rarely(_futures(at), 40)
            rows += self.versions(
                row,
                [
                    {"subtotal_amount": "999", "discount_amount": "0", "refunded_amount": "0"},
                    {"status": "cancelled"},
                    {"customer_id": customer_ids[0]},
                    {"ordered_at": at - timedelta(days=40)},
                    {"status": "lost in space"},
                ],
            )
        return rows

    def versions(self, row: Row, changes: Sequence[Row]) -> list[Row]:
        """The row, rarely a second version: the same again, an older, a newer, a tie."""
        kind = self.pick([None] * 9 + ["again", "older", "newer", "loaded later"])
        if kind is None:
            return [row]
        if kind == "again":
            return [row, dict(row)]
        second = row | self.pick(changes)
        hours = timedelta(hours={"older": -1, "newer": 1, "loaded later": 0}[kind])
        if isinstance(row["updated_at"], datetime):
            second["updated_at"] = row["updated_at"] + hours
        second["_loaded_at"] = row["_loaded_at"] + timedelta(minutes=5)
        return [second, row] if self.pick([False, True]) else [row, second]

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
                **_load_columns(len(rows)),
            }
            row |= self.rarely(PROGRAM_DIRT, 6)
            rows += self.versions(row, [{"program_name": "Old club"}, {"program_type": "points"}])
        return rows

    def ledger(self, customer_ids: Sequence[str], programs: Sequence[str | None]) -> list[Row]:
        """Up to eight entries of the members, one of whom never ordered."""
        members = [*customer_ids, f"s{self.number}-member"]
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
                "available_at": _later(at, days_until_available),
                "expires_at": _later(at, days_until_expiry),
                "reward_type": self.pick([None, "Discount "]),
                "activity": self.pick([None, "Review", "purchase"]),
                "partner_id": self.pick([None, "77"]),
                **_load_columns(number),
            }
            dirt = [*LEDGER_DIRT, {"expires_at": at - timedelta(seconds=1)}]
            row |= self.rarely(dirt, 8)
            rows += self.versions(row, [{"points": "7"}, {"occurred_at": at + timedelta(days=33)}])
        return rows


def _later(at: datetime, days: int | None) -> datetime | None:
    return None if days is None else at + timedelta(days=days)


def _load_columns(number: int) -> Row:
    """When the row changed and arrived: every third row leaves the change out."""
    loaded_at = LOADED_AT + timedelta(minutes=10 * number)
    updated_at = None if number % 3 == 2 else loaded_at - timedelta(days=1)
    return {"updated_at": updated_at, "_loaded_at": loaded_at}


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


def _rendered(cell: Any, name: str, style: int, layout: str, settings: Settings) -> Any:
    """A cell as the file of that layout holds it."""
    if isinstance(cell, datetime):
        is_typed = layout in ("parquet", "parquet of doubles")
        return cell.isoformat() if is_typed else _text_of_instant(cell, style, settings)
    if name in AMOUNTS and layout == "parquet" and cell is not None:
        return f"{Decimal(cell):.4f}"
    return cell


def _without_ambiguous_versions(rows: list[Row], key: str) -> list[Row]:
    """Leaves out versions that only the hash of the row would tell apart."""
    kept: list[Row] = []
    seen: dict[Any, dict[tuple, Row]] = {}
    for row in rows:
        stamps = (row.get("updated_at"), row.get("_loaded_at"))
        identifier = str(row[key]).removesuffix(".0")
        stamp = (stamps[0] or stamps[1], stamps[1] or stamps[0])
        twin = seen.setdefault(identifier, {}).setdefault(stamp, row)
        has_no_stamp = stamp == (None, None)
        others = len(seen[identifier]) > 1 and (has_no_stamp or (None, None) in seen[identifier])
        if row[key] is None or (twin == row and not others):
            kept.append(row)
    return kept


KEYS = {
    "orders": "order_id",
    "customers": "customer_id",
    "loyalty_transactions": "loyalty_transaction_id",
    "loyalty_programs": "program_id",
}
TABLE_COLUMNS = {
    "orders": [
        "order_id",
        "customer_id",
        "ordered_at",
        *MONEY_COLUMNS,
        "currency",
        "status",
        "sales_channel",
        "campaign_id",
        "discount_code",
        "loyalty_program_id",
        "is_test",
    ],
    "customers": [
        "customer_id",
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
    ],
    "loyalty_programs": ["program_id", "program_name", "program_type"],
}
LOAD_COLUMN_CHOICES = [["updated_at", "_loaded_at"]] * 5 + [["_loaded_at"], ["updated_at"], []]
ABSENT_TABLES = [[]] * 8 + [["customers"], ["loyalty_programs"]]


def raw_zones(settings: Settings, salt: str) -> st.SearchStrategy[RawZone]:
    """Raw zones; the salt makes one number mean other shops in another test."""
    return st.integers(0, 2**32 - 1).map(lambda number: raw_zone(f"{salt} {number}", settings))


def raw_zone(seed: str, settings: Settings, shops: int = SHOPS) -> RawZone:
    """Forty shops in one raw zone, in one of the layouts that a raw zone may have."""
    random = Random(seed)
    layout = random.choice(LAYOUTS)
    is_text = layout in ("csv", "csv.gz", "parquet of text")
    tables: dict[str, list[Row]] = {name: [] for name in TABLE_COLUMNS}
    for number in range(shops):
        shop = _Shop(random, number, settings, is_text)
        customer_ids, programs = shop.customer_ids(), shop.programs()
        tables["customers"] += shop.customers(customer_ids)
        tables["orders"] += shop.orders(customer_ids)
        tables["loyalty_programs"] += shop.program_rows(programs)
        tables["loyalty_transactions"] += shop.ledger(customer_ids, programs)
    for absent in random.choice(ABSENT_TABLES):
        del tables[absent]
    columns = {name: _drawn_columns(random, name) for name in tables}
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


def _drawn_columns(random: Random, table: str) -> list[str]:
    """The columns of a raw table: up to three spare ones may be absent, and the load columns."""
    load_columns = random.choice(LOAD_COLUMN_CHOICES)
    spare = SPARE_COLUMNS[table]
    absent = random.sample(spare, k=random.choice([0, 0, 0, 1, min(3, len(spare))]))
    return [name for name in TABLE_COLUMNS[table] if name not in absent] + load_columns


def _as_filed(
    rows: list[Row], table: str, columns: Sequence[str], layout: str, settings: Settings
) -> list[Row]:
    """The rows with the columns that are present, each cell as its file holds it."""
    present = [{name: row[name] for name in columns} for row in rows]
    return [
        {name: _rendered(cell, name, index % 4, layout, settings) for name, cell in row.items()}
        for index, row in enumerate(_without_ambiguous_versions(present, KEYS[table]))
    ]
