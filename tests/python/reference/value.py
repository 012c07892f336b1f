"""What each customer has been worth, and what the plain formula makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from reference.orders import Sale, known_sum, sales_by_customer
from reference.raw import Row
from reference.settings import Settings
from reference.statistics import ratio

DAYS_PER_YEAR = 365


def rpt_customer_value(sales: Iterable[Sale], as_of: date | None, settings: Settings) -> list[Row]:
    """Each customer with a counted order up to as_of."""
    if as_of is None:
        return []
    return [
        _customer_value(customer_id, history, as_of, settings)
        for customer_id, history in sales_by_customer(sales).items()
    ]


def _customer_value(customer_id: str, history: list[Sale], as_of: date, settings: Settings) -> Row:
    """Historic value, the clocks that models of drop-out read, and the formula LTV."""
    dates = sorted({sale.order_date for sale in history})
    age = (as_of - dates[0]).days
    net_sales = sum((sale.net_sales for sale in history), Decimal(0))
    gross_margin = known_sum(sale.gross_margin for sale in history)
    after_first = sum((s.net_sales for s in history if s.order_date > dates[0]), Decimal(0))

    order_value = Fraction(net_sales) / len(history)
    per_year = Fraction(len(history) * DAYS_PER_YEAR, max(age, DAYS_PER_YEAR))
    is_margin_known = gross_margin is not None and net_sales != 0
    margin_rate = (
        Fraction(gross_margin) / Fraction(net_sales)
        if is_margin_known
        else settings.gross_margin_rate
    )
    lifespan = settings.expected_lifespan_years
    return {
        "customer_id": customer_id,
        "orders": len(history),
        "net_sales": net_sales,
        "gross_margin": gross_margin,
        "first_order_date": dates[0],
        "last_order_date": dates[-1],
        "recency_days": (as_of - dates[-1]).days,
        "repeat_purchase_days": len(dates) - 1,
        "days_first_to_last_order": (dates[-1] - dates[0]).days,
        "customer_age_days": age,
        "mean_repeat_day_value": ratio(after_first, len(dates) - 1),
        "average_order_value": float(order_value),
        "orders_per_year": float(per_year),
        "expected_lifespan_years": float(lifespan),
        "gross_margin_rate": float(margin_rate),
        "formula_ltv": float(order_value * per_year * lifespan * margin_rate),
    }
