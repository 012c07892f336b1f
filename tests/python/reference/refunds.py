"""Dated refunds: whose they are, what they come to, the day on which they are posted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from reference.money import Rates, product
from reference.orders import Sale
from reference.raw import Row, local_date
from reference.settings import Settings


def refunds_that_exceed(refunds: Iterable[Row], orders: Mapping[str, Row]) -> set[str]:
    """The ids of the refunds that are `refund_exceeds_order`: of each order's, taken by
    (refunded_at, refund_id), the first that passes subtotal - discount, and all after it."""
    exceeding = set()
    refunded: dict[str, Decimal] = {}
    for refund in sorted(refunds, key=lambda row: (row["refunded_at"], row["refund_id"])):
        order = orders[refund["order_id"]]
        so_far = refunded.get(order["order_id"], Decimal(0)) + refund["refund_amount"]
        refunded[order["order_id"]] = so_far
        if so_far > order["subtotal_amount"] - order["discount_amount"]:
            exceeding.add(refund["refund_id"])
    return exceeding


def fct_refunds(
    refunds: Iterable[Row], order_rows: Mapping[str, Row], rates: Rates, settings: Settings
) -> list[Row]:
    """Every accepted refund, at its order's rate. `order_rows` are fct_orders by order_id."""
    rows = []
    for refund in refunds:
        order = order_rows[refund["order_id"]]
        rate = rates.on(order["order_date"], order["currency"])
        refund_date = local_date(refund["refunded_at"], settings.reporting_timezone)
        rows.append(
            {
                "refund_id": refund["refund_id"],
                "order_id": refund["order_id"],
                "customer_id": order["customer_id"],
                "refunded_at": refund["refunded_at"],
                "refund_date": refund_date,
                "posted_date": max(refund_date, order["order_date"]),
                "refund_amount": product(refund["refund_amount"], rate),
                "refunded_shipping_amount": product(refund["refunded_shipping_amount"], rate),
                "refunded_tax_amount": product(refund["refunded_tax_amount"], rate),
                "original_refund_amount": refund["refund_amount"],
                "reason": refund["reason"],
                "is_counted": order["is_counted"],
            }
        )
    return rows


def sales_known_at(
    as_of: date | None,
    sales: Iterable[Sale],
    refund_rows: Iterable[Row],
    orders_with_refund_rows: Collection[str],
) -> list[Sale]:
    """The counted orders up to as_of, without the refunds that came after it."""
    refunds_of: dict[str, list[Row]] = {}
    for row in refund_rows:
        refunds_of.setdefault(row["order_id"], []).append(row)
    known = []
    for sale in sales:
        if as_of is None or sale.order_date > as_of:
            continue
        if sale.order_id not in orders_with_refund_rows:
            # The order's own refund has no date but the order's.
            known.append(replace(sale, posted_returns=((sale.order_date, sale.returns),)))
            continue
        known.append(_without_later_refunds(sale, refunds_of.get(sale.order_id, []), as_of))
    return known


def _without_later_refunds(sale: Sale, refunds: list[Row], as_of: date) -> Sale:
    """Later refunds are given back to net_sales, total_sales and gross_margin."""
    later = [refund for refund in refunds if refund["refund_date"] > as_of]
    goods = sum((refund["refund_amount"] for refund in later), Decimal(0))
    shipping = sum((refund["refunded_shipping_amount"] for refund in later), Decimal(0))
    tax = sum((refund["refunded_tax_amount"] for refund in later), Decimal(0))
    return replace(
        sale,
        returns=sale.returns - goods,
        net_sales=sale.net_sales + goods,
        total_sales=sale.total_sales + goods + shipping + tax,
        gross_margin=None if sale.gross_margin is None else sale.gross_margin + goods,
        posted_returns=tuple(
            (refund["posted_date"], refund["refund_amount"])
            for refund in refunds
            if refund["refund_date"] <= as_of
        ),
    )
