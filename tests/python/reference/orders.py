"""Orders as facts, and the customers behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from reference.identity import GUEST, Identities
from reference.items import category_of_lines, cost_of_lines
from reference.money import Rates, product
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
    product_category: str | None
    discount_code: str | None
    campaign_id: str | None
    gross_sales: Decimal
    discounts: Decimal
    returns: Decimal
    net_sales: Decimal
    total_sales: Decimal
    gross_margin: Decimal | None
    # (posted date, amount) of each return that is known at as_of; reports fill it in.
    posted_returns: tuple[tuple[date, Decimal], ...] = ()


@dataclass(frozen=True)
class Circumstances:
    """What an order's row needs to know beside the order."""

    identities: Identities
    rates: Rates
    # Accepted refunds and lines by order_id.
    refunds: Mapping[str, list[Row]]
    lines: Mapping[str, list[Row]]
    # Orders with rows in refunds ignore their own refunded columns.
    orders_with_refund_rows: Collection[str]
    settings: Settings


def known_sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the amounts that are known; None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def fct_orders(orders: Iterable[Row], around: Circumstances) -> list[Row]:
    """Every accepted order, with its money and its place among its customer's counted orders."""
    rows = [_order(order, around) for order in orders]
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


def _order(order: Row, around: Circumstances) -> Row:
    """One order: whose it is, what was sold, what came back, what is left."""
    settings = around.settings
    status = settings.statuses[order["status"]]
    resolved = around.identities.of_order(order)
    accounts = around.identities.customers
    is_test = order["is_test"] or any(
        accounts[account]["is_test"] for account in resolved.accounts if account in accounts
    )
    order_date = local_date(order["ordered_at"], settings.reporting_timezone)
    return {
        "order_id": order["order_id"],
        "customer_id": resolved.customer_id,
        "source_customer_id": order["customer_id"],
        "ordered_at": order["ordered_at"],
        "order_date": order_date,
        "status": order["status"],
        "is_counted": status.is_counted and not is_test,
        "is_cancelled": status.is_cancelled,
        "is_guest": order["customer_id"] is None,
        "is_test": is_test,
        "sales_channel": order["sales_channel"],
        "campaign_id": order["campaign_id"],
        "product_category": category_of_lines(around.lines.get(order["order_id"], [])),
        "discount_code": order["discount_code"],
        "loyalty_program_id": order["loyalty_program_id"],
        "currency": order["currency"],
        **_money(order, around.rates.on(order_date, order["currency"]), around),
    }


def _refunded(order: Row, around: Circumstances) -> list[tuple[Decimal, Decimal, Decimal]]:
    """(goods, shipping, tax) of each refund in the order's currency, or of the order itself."""
    if order["order_id"] not in around.orders_with_refund_rows:
        goods = order["refunded_amount"]
        return [(goods, order["refunded_shipping_amount"], order["refunded_tax_amount"])]
    return [
        (row["refund_amount"], row["refunded_shipping_amount"], row["refunded_tax_amount"])
        for row in around.refunds.get(order["order_id"], [])
    ]


def _money(order: Row, rate: Decimal, around: Circumstances) -> Row:
    """Every amount at the order's rate, rounded to four places, then added."""
    original = _amounts(order, _refunded(order, around), Decimal(1))
    money = _amounts(order, _refunded(order, around), rate)
    if order["cost_amount"] is not None:
        cost = product(order["cost_amount"], rate)
    else:
        cost = cost_of_lines(around.lines.get(order["order_id"], []), rate)
    return {
        "exchange_rate": float(rate),
        **money,
        **{
            f"original_{name}": original[name]
            for name in ("gross_sales", "discounts", "returns", "total_sales")
        },
        "cost": cost,
        "gross_margin": None if cost is None else money["net_sales"] - cost,
    }


def _amounts(
    order: Row, refunded: list[tuple[Decimal, Decimal, Decimal]], rate: Decimal
) -> Row:
    """What was sold and what came back, at a rate."""
    gross_sales = product(order["subtotal_amount"], rate)
    discounts = product(order["discount_amount"], rate)
    shipping = product(order["shipping_amount"], rate)
    tax = product(order["tax_amount"], rate)
    returns = sum((product(goods, rate) for goods, _, _ in refunded), Decimal(0))
    refunded_shipping = sum((product(amount, rate) for _, amount, _ in refunded), Decimal(0))
    refunded_tax = sum((product(amount, rate) for _, _, amount in refunded), Decimal(0))
    net_sales = gross_sales - discounts - returns
    return {
        "gross_sales": gross_sales,
        "discounts": discounts,
        "loyalty_discounts": product(order["loyalty_discount_amount"], rate),
        "returns": returns,
        "net_sales": net_sales,
        "shipping": shipping,
        "refunded_shipping": refunded_shipping,
        "tax": tax,
        "refunded_tax": refunded_tax,
        "total_sales": net_sales + shipping - refunded_shipping + tax - refunded_tax,
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
        Sale(**{name: row[name] for name in Sale.__dataclass_fields__ if name in row})
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
    identities: Identities,
    order_rows: Iterable[Row],
    joined_rows: Iterable[Row],
    sales: Iterable[Sale],
    as_of: date | None,
) -> list[Row]:
    """Whoever the accounts, the accepted orders, the ledger and the membership events resolve to.
    Accounts that are aliases are no rows.

    `sales` are the counted orders known at as_of: the order columns say what was known then.
    """
    seen = {identities.resolve(customer_id) for customer_id in identities.customers}
    seen |= {row["customer_id"] for row in order_rows if row["customer_id"] is not None}
    seen |= {entry["customer_id"] for entry in joined_rows}
    members = {
        entry["customer_id"]
        for entry in joined_rows
        if as_of is not None and entry["occurred_date"] <= as_of
    }
    histories = sales_by_customer(sales)
    return [
        {
            **_customer(customer_id, identities, histories.get(customer_id, [])),
            "is_loyalty_member": customer_id in members,
        }
        for customer_id in sorted(seen)
    ]


def _customer(customer_id: str, identities: Identities, history: list[Sale]) -> Row:
    """One customer: who they are, and their counted orders up to as_of."""
    first, last = (history[0], history[-1]) if history else (None, None)
    source = identities.customers.get(customer_id)
    attributes = source or {}
    # A guest is known by the hash of an e-mail, and by nothing else.
    is_guest = source is None and customer_id.startswith(GUEST)
    return {
        "customer_id": customer_id,
        "email_hash": (
            customer_id.removeprefix(GUEST)
            if is_guest
            else identities.email_hash(attributes.get("email"))
        ),
        "country_code": attributes.get("country_code"),
        "acquisition_channel": attributes.get("acquisition_channel"),
        "acquisition_campaign_id": attributes.get("acquisition_campaign_id"),
        "email_consent": attributes.get("email_consent"),
        "created_at": attributes.get("created_at"),
        "is_guest": is_guest,
        "is_inferred": source is None and not is_guest,
        "first_sales_channel": first and first.sales_channel,
        "first_product_category": first and first.product_category,
        "first_discount_code": first and first.discount_code,
        "first_campaign_id": first and first.campaign_id,
        "first_order_at": first and first.ordered_at,
        "last_order_at": last and last.ordered_at,
        "first_order_date": first and first.order_date,
        "last_order_date": last and last.order_date,
        "cohort_month": first and first.order_date.replace(day=1),
        "orders": len(history),
        "net_sales": sum((sale.net_sales for sale in history), Decimal(0)),
    }
