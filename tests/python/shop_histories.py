"""Customers whose orders lie where something changes: rhythms, and days on which a clock runs out.

Drawn beside the shops with a generator of their own, so that the shops stay what they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from reference import WINDOWS, Settings
from shop_kit import LAST_DAY, Draw, Row, load_columns

RHYTHMS = [2, 5, 9, 9, 16, 31, 150]
AMOUNTS = ["100", "20.50", "7.0001", "0", "50"]
CHANNELS = ["web", "store", " Store ", None]


def _turning_points(settings: Settings) -> list[int]:
    """Days after an order on which a state, a window or a bucket ends, and the days beside them."""
    ends = {settings.at_risk_after_days, settings.churn_after_days, *settings.rolling_bucket_days}
    return sorted({0} | {end + n for end in ends for n in (-1, 0, 1, 2) if end + n >= 0})


def _first_day(draw: Draw, start: date) -> date:
    """Early enough for a history; some so that a window after it ends on as_of or the day after."""
    as_of = draw.settings.as_of_date or LAST_DAY
    edges = [as_of - timedelta(days=days) for window in WINDOWS for days in (window, window - 1)]
    early = [start + timedelta(days=days) for days in (0, 3, 30, 45, 91, 92, 150, 200)]
    edges = [day for day in edges if start <= day <= LAST_DAY]
    return draw.pick(early * 2 + edges)


def _order_days(draw: Draw, start: date) -> list[date]:
    """Three to nine days, the same one again among them."""
    kind = draw.pick(["rhythm", "turning points", "window"])
    days = [_first_day(draw, start)]
    if kind == "rhythm":
        usual = draw.pick(RHYTHMS)
        near = [usual - 1, usual, usual, usual + 1]
        gaps = [draw.pick(near) for _ in range(draw.pick([3, 4, 8]))]
    elif kind == "window":
        # The second order at the end of a window, or on the day after it.
        gaps = [draw.pick([0, 1]) + draw.pick(WINDOWS), 1]
    else:
        gaps = [draw.pick(_turning_points(draw.settings)) for _ in range(draw.pick([2, 3, 6]))]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    return [day for day in days if day <= LAST_DAY]


def regular(draw: Draw) -> str:
    return f"s{draw.number}-regular"


def _order(draw: Draw, columns: Sequence[str], number: int, day: date) -> Row:
    return {
        **dict.fromkeys(columns),
        "order_id": f"s{draw.number}-h{number}",
        "customer_id": regular(draw),
        "ordered_at": draw.instant(day),
        "subtotal_amount": draw.pick(AMOUNTS),
        "sales_channel": draw.pick(CHANNELS),
        **load_columns(number),
    }


def orders(draw: Draw, start: date, columns: Sequence[str]) -> list[Row]:
    """The orders of one regular customer."""
    return [
        _order(draw, columns, number, day)
        for number, day in enumerate(_order_days(draw, start))
    ]


def kiosk_orders(draw: Draw, start: date, columns: Sequence[str]) -> list[Row]:
    """Two channels, one with 29 intervals between orders, one with 30: those of one customer who
    comes every third day. Others came once: they have the intervals of their channel, or not."""
    rows: list[Row] = []
    for channel, intervals in (("kiosk", 29), ("kiosk 2", 30)):
        visits = [("", 3 * number) for number in range(intervals + 1)]
        visits += [(f"-{days}", days) for days in (10, 25, 40, 55, 70)]
        for customer, days in visits:
            row = _order(draw, columns, 100 + len(rows), start + timedelta(days=days))
            rows.append(
                row | {"customer_id": f"{channel}{customer}", "sales_channel": channel}
            )
    return rows


def customers(draw: Draw, columns: Sequence[str]) -> list[Row]:
    """A row in customers, or none."""
    row = {
        **dict.fromkeys(columns),
        "customer_id": regular(draw),
        "country_code": draw.country,
        **load_columns(draw.number),
    }
    return draw.pick([[row], []])


def ledger(draw: Draw, orders_of_regular: Sequence[Row], columns: Sequence[str]) -> list[Row]:
    """Points before the first order, on the day of one, between orders, or after the last."""
    instants = [row["ordered_at"] for row in orders_of_regular]
    if not instants or draw.pick([False, True]):
        return []
    first = draw.pick(instants) + timedelta(days=draw.pick([-40, -3, -1, 0, 0, 1, 20]))
    return [
        {
            **dict.fromkeys(columns),
            "loyalty_transaction_id": f"s{draw.number}-h{number}",
            "customer_id": regular(draw),
            "transaction_type": "earn",
            "points": "10",
            "occurred_at": at,
            "program_id": f"s{draw.number}-gold",
            **load_columns(number),
        }
        for number, at in enumerate([first, first + timedelta(days=draw.pick([1, 70]))])
    ]
