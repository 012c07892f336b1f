"""What a random shop does beside selling: refunds, order lines, merged accounts, other currencies.

Each function draws the raw rows of one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from shop_kit import SPECIAL_DAYS, Draw, Row, later, load_columns

TABLE_COLUMNS = {
    "refunds": [
        "refund_id",
        "order_id",
        "refunded_at",
        "refund_amount",
        "refunded_shipping_amount",
        "refunded_tax_amount",
        "reason",
    ],
    "order_items": [
        "order_id",
        "line_number",
        "product_id",
        "quantity",
        "unit_price",
        "discount_amount",
        "unit_cost",
        "product_category",
    ],
    "customer_aliases": ["alias_customer_id", "customer_id"],
    "exchange_rates": ["rate_date", "currency", "rate_to_reporting"],
}
# May be absent from a raw table altogether.
SPARE_COLUMNS = {
    "refunds": ["refunded_shipping_amount", "refunded_tax_amount", "reason"],
    "order_items": ["discount_amount", "unit_cost", "product_category"],
    "customer_aliases": [],
    "exchange_rates": [],
}
# Beside the amounts that orders have too.
AMOUNTS = {"refund_amount", "quantity", "unit_price", "unit_cost"}

CENT = Decimal("0.01")
SMALLEST = Decimal("0.0001")
NOWHERE = "no-such-order"

REFUND_DIRT: list[Row] = [
    {"refund_amount": "-1"},
    {"refund_amount": None},
    {"refunded_shipping_amount": "-0.01"},
    {"refunded_tax_amount": "-0.01"},
    {"refunded_at": None},
    {"refund_id": None},
    {"order_id": None},
    {"order_id": NOWHERE},
    {"order_id": NOWHERE, "refund_amount": "-1"},
]
UNREADABLE_REFUND: list[Row] = [
    {"refund_amount": "all of it"},
    {"refunded_at": "soon"},
    {"refunded_tax_amount": "?"},
]
ITEM_DIRT: list[Row] = [
    {"quantity": "0"},
    {"quantity": "-1"},
    {"quantity": None},
    {"unit_price": "-1", "discount_amount": "0"},
    {"unit_price": None},
    {"unit_cost": "-0.0001"},
    {"discount_amount": "-1"},
    {"quantity": "3", "unit_price": "5", "discount_amount": "15"},
    {"quantity": "3", "unit_price": "5", "discount_amount": "15.0001"},
    {"product_id": " "},
    {"line_number": None},
    {"order_id": None},
    {"order_id": NOWHERE},
    {"order_id": NOWHERE, "quantity": "-1", "unit_price": "-1"},
]
UNREADABLE_ITEM: list[Row] = [
    {"quantity": "two"},
    {"line_number": "first"},
    {"unit_price": "ten"},
    {"unit_cost": "?"},
]
ALIAS_DIRT: list[Row] = [{"alias_customer_id": None}, {"customer_id": " "}]
RATE_DIRT: list[Row] = [
    {"rate_to_reporting": "0"},
    {"rate_to_reporting": "-1.1"},
    {"rate_to_reporting": None},
    {"currency": ""},
    {"rate_date": None},
]
UNREADABLE_RATE: list[Row] = [{"rate_to_reporting": "one"}, {"rate_date": "2024-02-30"}]

# Digits that leave products exactly between two amounts of four places.
RATES = ["1.0001", "0.9173", "1.08345", "1.2345", "0.006871", "0.5", "157.3", "1.099995"]
# The dates of rates: one currency has rates from the beginning, with gaps, one from the spring, and
# one that orders come in has none at all.
BEFORE_ALL = date(2023, 9, 1)
SPRING = date(2024, 3, 10)


def _foreign(draw: Draw) -> list[str]:
    home = draw.settings.reporting_currency
    return [code for code in ("USD", "EUR", "GBP", "JPY") if code != home]


def order_currencies(draw: Draw) -> list[str | None]:
    """Mostly the reporting currency, spelled out or not; of three others one has no rates."""
    home = draw.settings.reporting_currency
    known, late, never = _foreign(draw)
    return [None, home, home] * 4 + [known, known, f" {known.lower()} ", late, late, never]


def exchange_rates(draw: Draw) -> list[Row]:
    """The rates of all shops. Those of the reporting currency itself mean nothing."""
    known, late, _ = _foreign(draw)
    days = {
        known: [BEFORE_ALL, *SPECIAL_DAYS],
        late: [day for day in SPECIAL_DAYS if day >= SPRING],
        draw.settings.reporting_currency: [SPRING],
    }
    rows: list[Row] = []
    for currency, currency_days in days.items():
        for day in currency_days:
            if day != BEFORE_ALL and draw.pick([False, False, True]):
                continue
            row = {
                "rate_date": day,
                "currency": draw.pick([currency, currency, f" {currency.lower()}"]),
                "rate_to_reporting": draw.pick(RATES),
                **load_columns(len(rows)),
            }
            row |= draw.rarely(RATE_DIRT, 9) if day != BEFORE_ALL else {}
            rows += draw.versions(row, [{"rate_to_reporting": "2.0001"}, *RATE_DIRT[:1]])
    # One table for all shops: each kind of dirt is in it.
    for dirt in RATE_DIRT + (UNREADABLE_RATE if draw.is_text else []):
        row = {"rate_date": SPRING, "currency": known, "rate_to_reporting": "1.5"}
        rows.append(row | load_columns(len(rows)) | dirt)
    return rows


def customer_aliases(
    draw: Draw, customer_ids: Sequence[str], former_ids: Sequence[str]
) -> list[Row]:
    """Chains of merged accounts; some end in nobody, and some never end."""
    first, last = customer_ids[0], customer_ids[-1]
    merged, merged_before = former_ids
    ghost, loop = f"s{draw.number}-ghost", f"s{draw.number}-loop"
    links = draw.pick(
        [
            [],
            [(merged, first)],
            [(merged, first), (merged_before, merged)],
            [(merged, ghost)],
            [(merged, ghost), (merged_before, merged), (ghost, last)],
            [(last, ghost), (merged, last)],
            [(last, first)],
            [(last, first), (merged, last)],
            [(last, first), (merged, last), (merged_before, merged)],
            [(first, last), (last, first)],
            [(loop, loop)],
            [(merged_before, merged), (merged, loop), (loop, merged), (last, merged_before)],
        ]
    )
    rows: list[Row] = []
    for alias, customer_id in links:
        row = {
            "alias_customer_id": draw.floated(alias),
            "customer_id": draw.floated(customer_id),
            **load_columns(len(rows)),
        }
        row |= draw.rarely(ALIAS_DIRT, 15)
        rows += draw.versions(row, [{"customer_id": ghost}, {"customer_id": alias}])
    return rows


def _one_of_each(orders: Iterable[Row]) -> list[Row]:
    """A version of each order that has an id."""
    with_id = [row for row in orders if row["order_id"] and row["order_id"].strip()]
    return list({row["order_id"]: row for row in with_id}.values())


def _amount(cell: str | None) -> Decimal:
    """What a cell comes to; something where it cannot be read."""
    try:
        return Decimal(cell or "0").quantize(SMALLEST)
    except InvalidOperation:
        return Decimal(10)


def _refunded_at(draw: Draw, order: Row) -> datetime:
    """Before the order, at its very moment, periods later, or long after as_of."""
    days = draw.pick([-3, 0, 0, 1, 20, 45, 100, 400])
    ordered_at = order["ordered_at"]
    if not isinstance(ordered_at, datetime):
        return draw.instant(SPRING)
    if draw.pick([False, True]):
        return draw.instant(ordered_at.date() + timedelta(days=days))
    return later(ordered_at, days)


def refunds(draw: Draw, orders: Sequence[Row]) -> list[Row]:
    """Of every third order one to three: in part, in full, too much, or of the shipping alone."""
    rows: list[Row] = []
    known_orders = _one_of_each(orders)
    for order in known_orders:
        left = _amount(order["subtotal_amount"]) - _amount(order["discount_amount"])
        # Rows here save an order whose own refund is too large.
        is_too_large = _amount(order["refunded_amount"]) > left
        if not draw.pick([True, is_too_large, False]):
            continue
        half = (left / 2).quantize(SMALLEST)
        for _ in range(draw.pick([1, 1, 2, 3])):
            refunded_at = _refunded_at(draw, order)
            row = {
                "refund_id": f"s{draw.number}-r{len(rows) + 8}",
                "order_id": order["order_id"],
                "refunded_at": refunded_at,
                "refund_amount": str(
                    draw.pick([left, half, half, left + SMALLEST, Decimal("0.1"), Decimal(0)])
                ),
                "refunded_shipping_amount": draw.pick([None, "0", "1.5"]),
                "refunded_tax_amount": draw.pick([None, "0", "0.95"]),
                "reason": draw.pick([None, "", "too small", "broken"]),
                **load_columns(len(rows)),
            }
            dirt = REFUND_DIRT + (UNREADABLE_REFUND if draw.is_text else [])
            row |= draw.rarely(dirt, 9)
            rows += draw.versions(
                row,
                [
                    {"refund_amount": "0.05"},
                    {"refund_amount": "-1"},
                    {"refunded_at": refunded_at + timedelta(days=33)},
                    {"order_id": draw.pick(known_orders)["order_id"]},
                    {"order_id": NOWHERE},
                ],
            )
    return rows


def _lines(draw: Draw, order: Row) -> list[Row]:
    """Lines that come to what the order says, nearly so, or to something else."""
    goods, discount = _amount(order["subtotal_amount"]), _amount(order["discount_amount"])
    half = (goods / 2).quantize(SMALLEST)
    gap = draw.pick([CENT, CENT + SMALLEST, -CENT, -CENT - SMALLEST])
    whole = {"quantity": "1", "unit_price": str(goods), "discount_amount": str(discount)}
    return draw.pick(
        [
            [whole],
            [whole | {"unit_price": str(goods + gap)}],
            [whole | {"discount_amount": str(discount + gap)}],
            [whole | {"unit_price": str(half)}, whole | {"unit_price": str(half)}],
            [
                {"quantity": "3", "unit_price": "6.3333", "discount_amount": None},
                {"quantity": "0.5", "unit_price": "0.3333", "discount_amount": "0.1"},
                {"quantity": "2.5", "unit_price": "0.1", "discount_amount": "0"},
            ],
        ]
    )


def order_items(draw: Draw, orders: Sequence[Row]) -> list[Row]:
    """Of every other order; the unit cost of all lines, of some, or of none is known."""
    rows: list[Row] = []
    for order in _one_of_each(orders):
        if not draw.pick([True, False]):
            continue
        costs = draw.pick([["1.25", "0.3333"], ["1.25", None], [None]])
        for number, line in enumerate(_lines(draw, order), start=9):
            row = {
                "order_id": order["order_id"],
                "line_number": number,
                "product_id": draw.pick(["p-1", " p-1 ", "77"]),
                **line,
                "unit_cost": draw.pick(costs),
                "product_category": draw.pick([None, "Shoes", " Hats "]),
                **load_columns(len(rows)),
            }
            dirt = ITEM_DIRT + (UNREADABLE_ITEM if draw.is_text else [])
            row |= draw.rarely(dirt, 11)
            changes = [{"quantity": "2"}, {"unit_cost": "3"}, {"quantity": "0"}]
            rows += draw.versions(row, changes)
    return rows
