"""Orders as facts, and the customers behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from reference.periods import Period, period_of, periods_apart
from reference.raw import Row, local_date
from reference.settings import Settings

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sale:
    """A counted order: accepted, no test, of a status that counts."""

    order_id: str
    customer_id: str | None
    ordered_at: datetime
    order_date: date
    sales_channel: str | None
    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    total_sales: Decimal
    gross_margin: Decimal | None


def known_sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the amounts that are known; None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def fct_orders(
    orders: Iterable[Row], customers: Mapping[str, Row], settings: Settings
) -> list[Row]:
    """Every accepted order, with its money and its place among its customer's counted orders."""
    rows = [_order(order, customers.get(order["customer_id"]), settings) for order in orders]
    histories: dict[str, list[Row]] = {}
    for row in rows:
        if row["is_counted"] and row["customer_id"] is not None:
            histories.setdefault(row["customer_id"], []).append(row)
        # Uncounted orders and orders without a customer have no place in anybody's history.
        row.update(order_number=None, is_first_order=False)
        row.update(previous_order_at=None, days_since_previous_order=None)
    for history in histories.values():
        _number_the_orders(history)
    return rows


def _order(order: Row, customer: Row | None, settings: Settings) -> Row:
    """One order: what was sold, what came back, what is left."""
    status = settings.statuses[order["status"]]
    is_test = order["is_test"] or (customer is not None and customer["is_test"])
    net_sales = order["subtotal_amount"] - order["discount_amount"] - order["refunded_amount"]
    shipping = order["shipping_amount"] - order["refunded_shipping_amount"]
    tax = order["tax_amount"] - order["refunded_tax_amount"]
    cost = order["cost_amount"]
    return {
        "order_id": order["order_id"],
        "customer_id": order["customer_id"],
        "source_customer_id": order["customer_id"],
        "ordered_at": order["ordered_at"],
        "order_date": local_date(order["ordered_at"], settings.reporting_timezone),
        "status": order["status"],
        "is_counted": status.is_counted and not is_test,
        "is_cancelled": status.is_cancelled,
        "is_guest": order["customer_id"] is None,
        "is_test": is_test,
        "sales_channel": order["sales_channel"],
        "campaign_id": order["campaign_id"],
        "discount_code": order["discount_code"],
        "loyalty_program_id": order["loyalty_program_id"],
        "currency": order["currency"],
        "exchange_rate": 1.0,
        "gross_sales": order["subtotal_amount"],
        "discounts": order["discount_amount"],
        "loyalty_discounts": order["loyalty_discount_amount"],
        "returns": order["refunded_amount"],
        "net_sales": net_sales,
        "shipping": order["shipping_amount"],
        "tax": order["tax_amount"],
        "total_sales": net_sales + shipping + tax,
        "cost": cost,
        "gross_margin": None if cost is None else net_sales - cost,
    }


def _number_the_orders(history: list[Row]) -> None:
    """One customer's counted orders: the how-manieth each is, and how long after the one before."""
    history.sort(key=lambda row: (row["ordered_at"], row["order_id"]))
    for number, row in enumerate(history, start=1):
        row.update(order_number=number, is_first_order=number == 1)
    for previous, row in pairwise(history):
        row["previous_order_at"] = previous["ordered_at"]
        row["days_since_previous_order"] = (row["order_date"] - previous["order_date"]).days


def counted_sales(order_rows: Iterable[Row]) -> list[Sale]:
    """The counted orders among the facts, in the order in which they were placed."""
    sales = [
        Sale(**{name: row[name] for name in Sale.__dataclass_fields__})
        for row in order_rows
        if row["is_counted"]
    ]
    return sorted(sales, key=lambda sale: (sale.ordered_at, sale.order_id))


def sales_by_customer(sales: Iterable[Sale]) -> dict[str, list[Sale]]:
    """The counted orders of each customer; orders without one are left out."""
    by_customer: dict[str, list[Sale]] = {}
    for sale in sales:
        if sale.customer_id is not None:
            by_customer.setdefault(sale.customer_id, []).append(sale)
    return by_customer


def fct_customer_periods(sales: Iterable[Sale], settings: Settings) -> list[Row]:
    """Each customer in each period with a counted order of theirs."""
    rows = []
    for customer_id, history in sales_by_customer(sales).items():
        for grain in settings.period_grains:
            for period in {
                period_of(sale.order_date, grain, settings.week_start) for sale in history
            }:
                rows.append(_customer_period(customer_id, history, period))
    return rows


def _customer_period(customer_id: str, history: list[Sale], period: Period) -> Row:
    """What one customer did in one period, and where it stands in their history."""
    inside = [sale for sale in history if sale.order_date in period]
    cohort = period_of(history[0].order_date, period.grain, period.week_start)
    was_active_before = any(sale.order_date in period.before() for sale in history)
    is_new = cohort == period
    return {
        "period_grain": period.grain,
        "period_start": period.start,
        "customer_id": customer_id,
        "orders": len(inside),
        "gross_sales": sum(sale.gross_sales for sale in inside),
        "discounts": sum(sale.discounts for sale in inside),
        "returns": sum(sale.returns for sale in inside),
        "net_sales": sum(sale.net_sales for sale in inside),
        "total_sales": sum(sale.total_sales for sale in inside),
        "gross_margin": known_sum(sale.gross_margin for sale in inside),
        "is_new": is_new,
        "is_retained": was_active_before,
        "is_resurrected": not is_new and not was_active_before,
        "orders_to_date": sum(sale.order_date <= period.end for sale in history),
        "cohort_start": cohort.start,
        "period_number": periods_apart(cohort, period),
    }


def dim_customers(
    customers: Mapping[str, Row],
    order_rows: Iterable[Row],
    ledger: Iterable[Row],
    sales: Iterable[Sale],
    settings: Settings,
) -> list[Row]:
    """Every customer of the customers table, of an accepted order or of the ledger.

    `sales` are the counted orders up to as_of: the order columns say what was known then.
    """
    seen = set(customers)
    seen |= {row["customer_id"] for row in order_rows if row["customer_id"] is not None}
    seen |= {row["customer_id"] for row in ledger}
    histories = sales_by_customer(sales)
    return [
        _customer(customer_id, customers.get(customer_id), histories.get(customer_id, []))
        for customer_id in sorted(seen)
    ]


def _customer(customer_id: str, source: Row | None, history: list[Sale]) -> Row:
    """One customer: who they are, and their counted orders up to as_of."""
    first, last = (history[0], history[-1]) if history else (None, None)
    attributes = source or {}
    return {
        "customer_id": customer_id,
        "country_code": attributes.get("country_code"),
        "acquisition_channel": attributes.get("acquisition_channel"),
        "acquisition_campaign_id": attributes.get("acquisition_campaign_id"),
        "created_at": attributes.get("created_at"),
        "is_guest": False,
        "is_inferred": source is None,
        "first_sales_channel": first and first.sales_channel,
        "first_order_at": first and first.ordered_at,
        "last_order_at": last and last.ordered_at,
        "first_order_date": first and first.order_date,
        "last_order_date": last and last.order_date,
        "cohort_month": first and first.order_date.replace(day=1),
        "orders": len(history),
        "net_sales": sum((sale.net_sales for sale in history), Decimal(0)),
    }
