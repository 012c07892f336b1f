"""From one number to another, step by step: raw sales to net sales, one RCR reading to the next.

A step that takes away has a minus: the steps before the last add up to the last.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from reference.judge import Judged
from reference.money import Rates, product
from reference.orders import Sale
from reference.periods import period_of
from reference.raw import Row, local_date
from reference.settings import Settings
from reference.statistics import ratio

SALES_STEPS = [
    "raw_gross_sales",
    "superseded",
    "quarantined",
    "after_as_of",
    "test",
    "cancelled",
    "not_counted",
    "discounts",
    "returns",
    "net_sales_all",
]
# Each step with its type.
CUSTOMER_STEPS = {
    "repeat_customers": "reading",
    "returning_with_one_order": "difference",
    "repeat_customers_to_date": "reading",
    "new_with_several_orders": "difference",
    "returning_customers": "reading",
}


def rpt_sales_bridge(
    judged: Judged,
    order_rows: Iterable[Row],
    sales: Iterable[Sale],
    rates: Rates,
    as_of: date | None,
    settings: Settings,
) -> list[Row]:
    """Each raw row of orders leaves at the first step that applies to it, in the period of its own
    local date (NULL where it has none). `sales` are the counted orders known at as_of."""
    # (step, local date, orders, amount)
    moves: list[tuple[str, date | None, int, Decimal]] = []

    def leave(step: str, row: Row) -> None:
        day, amount = _dated_gross_sales(row, rates, settings)
        moves.append(("raw_gross_sales", day, 1, amount))
        moves.append((step, day, -1, -amount))

    for row in judged.superseded:
        leave("superseded", row)
    for row in judged.rejected:
        leave("quarantined", row)
    for order in order_rows:
        day, amount = order["order_date"], order["gross_sales"]
        moves.append(("raw_gross_sales", day, 1, amount))
        step = _step_of_order(order, as_of)
        if step is not None:
            moves.append((step, day, -1, -amount))
    for sale in sales:
        moves.append(("discounts", sale.order_date, 0, -sale.discounts))
        moves.append(("returns", sale.order_date, 0, -sale.returns))
        moves.append(("net_sales_all", sale.order_date, 1, sale.net_sales))
    return _sales_steps(moves, settings)


def _dated_gross_sales(row: Row, rates: Rates, settings: Settings) -> tuple[date | None, Decimal]:
    """A raw row's local date, and its subtotal; 0 where it cannot be read or converted."""
    ordered_at, subtotal = row["ordered_at"], row["subtotal_amount"]
    day = None if ordered_at is None else local_date(ordered_at, settings.reporting_timezone)
    rate = rates.on(day, row["currency"])
    return day, Decimal(0) if subtotal is None or rate is None else product(subtotal, rate)


def _step_of_order(order: Row, as_of: date | None) -> str | None:
    """Where an accepted order leaves; a counted order by as_of does not."""
    if as_of is None or order["order_date"] > as_of:
        return "after_as_of"
    if order["is_test"]:
        return "test"
    if order["is_cancelled"]:
        return "cancelled"
    return None if order["is_counted"] else "not_counted"


def _sales_steps(
    moves: list[tuple[str, date | None, int, Decimal]], settings: Settings
) -> list[Row]:
    """All ten steps of each period that holds a raw row."""
    rows = []
    for grain in settings.period_grains:

        def start(day: date | None, grain: str = grain) -> date | None:
            return None if day is None else period_of(day, grain, settings.week_start).start

        for period_start in {start(day) for _, day, _, _ in moves}:
            inside = [move for move in moves if start(move[1]) == period_start]
            for number, step in enumerate(SALES_STEPS, start=1):
                mine = [move for move in inside if move[0] == step]
                rows.append(
                    {
                        "period_grain": grain,
                        "period_start": period_start,
                        "step": step,
                        "step_number": number,
                        "orders": sum(orders for _, _, orders, _ in mine),
                        "amount": sum((amount for _, _, _, amount in mine), Decimal(0)),
                    }
                )
    return rows


def rpt_customer_bridge(period_rows: Iterable[Row], sales: Iterable[Sale]) -> list[Row]:
    """From repeat_customers to returning_customers, for each period of rpt_retention_by_period."""
    orders_of: dict[str, list[date]] = {}
    for sale in sales:
        if sale.customer_id is not None:
            orders_of.setdefault(sale.customer_id, []).append(sale.order_date)
    rows = []
    for period in period_rows:
        if period["segment_type"] != "all":
            continue
        start, end = period["period_start"], period["period_end"]
        counts = dict.fromkeys(CUSTOMER_STEPS, 0)
        active = 0
        for dates in orders_of.values():
            inside = sum(start <= day <= end for day in dates)
            active += inside >= 1
            is_returning = any(day < start for day in dates)
            counts["repeat_customers"] += inside >= 2
            counts["returning_with_one_order"] += inside == 1 and is_returning
            counts["new_with_several_orders"] -= inside >= 2 and not is_returning
            counts["repeat_customers_to_date"] += inside >= 2 or (inside == 1 and is_returning)
            counts["returning_customers"] += inside >= 1 and is_returning
        for number, (step, step_type) in enumerate(CUSTOMER_STEPS.items(), start=1):
            rows.append(
                {
                    "period_grain": period["period_grain"],
                    "period_start": start,
                    "period_end": end,
                    "is_complete": period["is_complete"],
                    "step": step,
                    "step_type": step_type,
                    "step_number": number,
                    "customers": counts[step],
                    "active_customers": active,
                    "rate": ratio(counts[step], active),
                }
            )
    return rows
