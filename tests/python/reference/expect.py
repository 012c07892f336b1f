"""All expected tables of one build."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from reference.judge import RawTables, judge, load_reconciliation
from reference.loyalty import fct_loyalty_transactions, rpt_loyalty_by_period
from reference.orders import (
    counted_sales,
    dim_customers,
    fct_customer_periods,
    fct_orders,
)
from reference.raw import Row
from reference.retention import rpt_retention_by_cohort, rpt_retention_by_period
from reference.settings import Settings
from reference.value import rpt_customer_value

# What one row of each table stands for, from raw to reports: the order in which to read a failure.
GRAINS_OF_TABLES: dict[str, tuple[str, ...]] = {
    "rpt_load_reconciliation": ("table_name",),
    "fct_orders": ("order_id",),
    "dim_customers": ("customer_id",),
    "fct_customer_periods": ("period_grain", "period_start", "customer_id"),
    "fct_loyalty_transactions": ("loyalty_transaction_id",),
    "rpt_customer_value": ("customer_id",),
    "rpt_loyalty_by_period": ("period_grain", "period_start", "program_id"),
    "rpt_retention_by_period": ("period_grain", "period_start", "segment_type", "segment"),
    "rpt_retention_by_cohort": (
        "period_grain",
        "cohort_start",
        "period_number",
        "segment_type",
        "segment",
    ),
}


@dataclass(frozen=True)
class Expected:
    """The rows of every table, and (id, reasons) of every quarantined row by raw table."""

    tables: dict[str, list[Row]] = field(repr=False)
    quarantine: dict[str, list[tuple[str | None, str]]] = field(repr=False)
    as_of_date: date | None


def expect(raw: RawTables, settings: Settings) -> Expected:
    """What a build of these raw rows must hold."""
    judged = judge(raw, settings)
    customers = {row["customer_id"]: row for row in judged["customers"].accepted}
    ledger = judged["loyalty_transactions"].accepted

    order_rows = fct_orders(judged["orders"].accepted, customers, settings)
    as_of = settings.as_of_date or max((row["order_date"] for row in order_rows), default=None)
    all_sales = counted_sales(order_rows)
    # Reports look at the world of as_of; facts hold every accepted row.
    sales = [sale for sale in all_sales if as_of is not None and sale.order_date <= as_of]
    customer_rows = dim_customers(customers, order_rows, ledger, sales, settings)

    return Expected(
        tables={
            "rpt_load_reconciliation": load_reconciliation(judged),
            "fct_orders": order_rows,
            "dim_customers": customer_rows,
            "fct_customer_periods": fct_customer_periods(all_sales, settings),
            "fct_loyalty_transactions": fct_loyalty_transactions(ledger, settings),
            "rpt_customer_value": rpt_customer_value(sales, as_of, settings),
            "rpt_loyalty_by_period": rpt_loyalty_by_period(ledger, sales, as_of, settings),
            "rpt_retention_by_period": rpt_retention_by_period(
                sales, customer_rows, as_of, settings
            ),
            "rpt_retention_by_cohort": rpt_retention_by_cohort(
                sales, customer_rows, as_of, settings
            ),
        },
        quarantine={table: result.quarantined for table, result in judged.items()},
        as_of_date=as_of,
    )
