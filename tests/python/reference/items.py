"""The lines of orders, and the orders that say otherwise than their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from reference.money import Rates, product
from reference.raw import Row
from reference.settings import Settings


def line_money(line: Row, rate: Decimal) -> Row:
    """A line's amounts at its order's rate, each rounded on its own; cost where it is known."""
    gross_sales = product(line["quantity"], line["unit_price"], rate)
    discounts = product(line["discount_amount"], rate)
    net_sales = gross_sales - discounts
    unit_cost = line["unit_cost"]
    cost = None if unit_cost is None else product(line["quantity"], unit_cost, rate)
    return {
        "gross_sales": gross_sales,
        "discounts": discounts,
        "net_sales": net_sales,
        "cost": cost,
        "gross_margin": None if cost is None else net_sales - cost,
    }


def cost_of_lines(lines: Iterable[Row], rate: Decimal) -> Decimal | None:
    """The sum of the lines' costs; None where there is no line or a line has no cost."""
    costs = [line_money(line, rate)["cost"] for line in lines]
    return sum(costs, Decimal(0)) if costs and None not in costs else None


def category_of_lines(lines: Iterable[Row]) -> str | None:
    """The category of the line with the lowest number among those that have one."""
    named = [line for line in lines if line["product_category"] is not None]
    return min(named, key=lambda line: line["line_number"])["product_category"] if named else None


def fct_order_items(
    lines: Iterable[Row], order_rows: Mapping[str, Row], rates: Rates
) -> list[Row]:
    """Every accepted line. `order_rows` are fct_orders by order_id."""
    rows = []
    for line in lines:
        order = order_rows[line["order_id"]]
        rate = rates.on(order["order_date"], order["currency"])
        rows.append(
            {
                "order_id": line["order_id"],
                "line_number": line["line_number"],
                "customer_id": order["customer_id"],
                "order_date": order["order_date"],
                "is_counted": order["is_counted"],
                "product_id": line["product_id"],
                "product_category": line["product_category"],
                "quantity": line["quantity"],
                **line_money(line, rate),
            }
        )
    return rows


def rpt_item_order_gaps(
    item_rows: Iterable[Row], order_rows: Mapping[str, Row], settings: Settings
) -> list[Row]:
    """The orders whose lines come to more or less than the order, by more than the tolerance."""
    lines_of: dict[str, list[Row]] = {}
    for row in item_rows:
        lines_of.setdefault(row["order_id"], []).append(row)
    rows = []
    for order_id, lines in lines_of.items():
        order = order_rows[order_id]
        gross_sales = sum((line["gross_sales"] for line in lines), Decimal(0))
        discounts = sum((line["discounts"] for line in lines), Decimal(0))
        gaps = {
            "gross_sales_gap": gross_sales - order["gross_sales"],
            "discounts_gap": discounts - order["discounts"],
        }
        if any(abs(gap) > settings.item_gap_tolerance for gap in gaps.values()):
            rows.append(
                {
                    "order_id": order_id,
                    "order_gross_sales": order["gross_sales"],
                    "items_gross_sales": gross_sales,
                    "order_discounts": order["discounts"],
                    "items_discounts": discounts,
                    **gaps,
                }
            )
    return rows
