"""All expected tables of one build."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from reference.breakage import programs_of, rpt_points_liability, rpt_points_vintages
from reference.bridges import rpt_customer_bridge, rpt_sales_bridge
from reference.churn_methods import rpt_churn_methods
from reference.enrolment import rpt_retention_by_enrolment_cohort
from reference.growth import rpt_growth_accounting
from reference.identity import Identities, rpt_identity_resolution
from reference.items import fct_order_items, rpt_item_order_gaps
from reference.judge import RawTables, judge, load_reconciliation, orders_with_refund_rows
from reference.lifecycle import (
    fct_customer_lifecycle,
    rpt_lifecycle_by_period,
    rpt_lifecycle_transitions,
)
from reference.lots import (
    accounts_of,
    fct_point_lots,
    fct_points_balances,
    rpt_ledger_anomalies,
)
from reference.loyalty import (
    Activity,
    fct_loyalty_transactions,
    of_customers,
    program_sales_of,
    rpt_loyalty_by_period,
    rpt_partner_settlement,
)
from reference.memberships import (
    dim_loyalty_members,
    events_of_customers,
    fct_loyalty_tiers,
    memberships_of,
    rpt_membership_survival,
    rpt_tier_migration,
    rpt_tiers_by_period,
    survival_fits,
)
from reference.money import Rates
from reference.orders import (
    Circumstances,
    counted_sales,
    dim_customers,
    fct_customer_periods,
    fct_orders,
)
from reference.programs import Estimates, dim_loyalty_programs
from reference.raw import Row
from reference.refunds import fct_refunds, sales_known_at
from reference.retention import rpt_retention_by_cohort, rpt_retention_by_period
from reference.sbg import Fit
from reference.settings import Settings
from reference.value import rpt_customer_value
from reference.windows import rpt_order_ladder, rpt_repurchase_windows, rpt_rolling_retention

# What one row of each table stands for, from raw to reports: the order in which to read a failure.
GRAINS_OF_TABLES: dict[str, tuple[str, ...]] = {
    "rpt_load_reconciliation": ("table_name",),
    "rpt_identity_resolution": ("source_customer_id",),
    "fct_orders": ("order_id",),
    "fct_refunds": ("refund_id",),
    "fct_order_items": ("order_id", "line_number"),
    "rpt_item_order_gaps": ("order_id",),
    "dim_customers": ("customer_id",),
    "fct_customer_periods": ("period_grain", "period_start", "customer_id"),
    "dim_loyalty_programs": ("program_id",),
    "fct_loyalty_transactions": ("loyalty_transaction_id",),
    "fct_point_lots": ("loyalty_transaction_id",),
    "fct_points_balances": ("customer_id", "program_id", "balance_date"),
    "fct_loyalty_tiers": ("customer_id", "program_id", "valid_from_at"),
    "dim_loyalty_members": ("customer_id", "program_id"),
    "rpt_ledger_anomalies": ("loyalty_transaction_id",),
    "fct_customer_lifecycle": ("customer_id", "valid_from"),
    "rpt_customer_value": ("customer_id",),
    "rpt_loyalty_by_period": ("period_grain", "period_start", "program_id"),
    "rpt_points_vintages": ("program_id", "vintage_month", "age_months"),
    "rpt_points_liability": ("period_grain", "period_start", "program_id"),
    "rpt_partner_settlement": ("period_grain", "period_start", "program_id", "partner_id"),
    "rpt_tier_migration": ("period_grain", "period_start", "program_id", "from_tier", "to_tier"),
    "rpt_tiers_by_period": ("period_grain", "period_start", "program_id", "tier"),
    "rpt_membership_survival": ("program_id", "tenure"),
    "rpt_retention_by_period": ("period_grain", "period_start", "segment_type", "segment"),
    "rpt_retention_by_cohort": (
        "period_grain",
        "cohort_start",
        "period_number",
        "segment_type",
        "segment",
    ),
    "rpt_retention_by_enrolment_cohort": (
        "period_grain",
        "cohort_start",
        "period_number",
        "segment_type",
        "segment",
    ),
    "rpt_repurchase_windows": ("cohort_month", "window_days", "segment_type", "segment"),
    "rpt_order_ladder": ("order_number", "segment_type", "segment"),
    "rpt_rolling_retention": ("cohort_month", "bucket_days", "bucket"),
    "rpt_lifecycle_by_period": (
        "period_grain",
        "period_start",
        "segment_type",
        "segment",
        "state",
    ),
    "rpt_lifecycle_transitions": ("period_grain", "period_start", "from_state", "to_state"),
    "rpt_growth_accounting": ("period_grain", "period_start", "segment_type", "segment"),
    "rpt_churn_methods": ("as_of_date", "method"),
    "rpt_sales_bridge": ("period_grain", "period_start", "step"),
    "rpt_customer_bridge": ("period_grain", "period_start", "step"),
}


@dataclass(frozen=True)
class Expected:
    """The rows of every table, and (*key, reasons) of every quarantined row by raw table."""

    tables: dict[str, list[Row]] = field(repr=False)
    quarantine: dict[str, list[tuple]] = field(repr=False)
    as_of_date: date | None
    # Of each programme with spells: compared by how likely they make what was seen.
    survival_fits: dict[str, Fit] = field(repr=False)


def _by_order(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by_order: dict[str, list[Row]] = {}
    for row in rows:
        by_order.setdefault(row["order_id"], []).append(row)
    return by_order


def expect(raw: RawTables, settings: Settings) -> Expected:
    """What a build of these raw rows must hold."""
    judged = judge(raw, settings)
    accepted = {table: result.accepted for table, result in judged.items()}
    identities = Identities.of(accepted["customers"], accepted["customer_aliases"], settings)
    rates = Rates.of(accepted["exchange_rates"], settings.reporting_currency)
    around = Circumstances(
        identities=identities,
        rates=rates,
        refunds=_by_order(accepted["refunds"]),
        lines=_by_order(accepted["order_items"]),
        orders_with_refund_rows=orders_with_refund_rows(raw, settings),
        settings=settings,
    )
    ledger = of_customers(accepted["loyalty_transactions"], identities)
    ledger_rows = fct_loyalty_transactions(ledger, settings)

    events = events_of_customers(accepted["loyalty_memberships"], identities, settings)
    joined_rows = [*ledger_rows, *events]
    accounts = accounts_of(ledger, accepted["loyalty_programs"], settings)

    order_rows = fct_orders(accepted["orders"], around)
    orders = {row["order_id"]: row for row in order_rows}
    refund_rows = fct_refunds(accepted["refunds"], orders, rates, settings)
    item_rows = fct_order_items(accepted["order_items"], orders, rates)

    as_of = settings.as_of_date or max((row["order_date"] for row in order_rows), default=None)
    memberships = memberships_of(events, ledger_rows, accounts, as_of)
    all_sales = counted_sales(order_rows)
    # Reports look at the world of as_of; facts hold every accepted row.
    sales = sales_known_at(as_of, all_sales, refund_rows, around.orders_with_refund_rows)
    customer_rows = dim_customers(identities, order_rows, joined_rows, sales, as_of)
    program_rows = dim_loyalty_programs(
        accepted["loyalty_programs"], ledger, events, order_rows, settings
    )
    estimates = Estimates.of(accepted["redemption_estimates"], accepted["loyalty_programs"])
    programs = programs_of(accounts, estimates, as_of)
    activity = Activity(
        ledger_rows, accounts, memberships, sales, program_sales_of(sales, orders), as_of
    )
    period_rows = rpt_retention_by_period(sales, customer_rows, as_of, settings)

    return Expected(
        tables={
            "rpt_load_reconciliation": load_reconciliation(judged),
            "rpt_identity_resolution": rpt_identity_resolution(
                identities,
                accepted["orders"],
                [*accepted["loyalty_transactions"], *accepted["loyalty_memberships"]],
            ),
            "fct_orders": order_rows,
            "fct_refunds": refund_rows,
            "fct_order_items": item_rows,
            "rpt_item_order_gaps": rpt_item_order_gaps(item_rows, orders, settings),
            "dim_customers": customer_rows,
            "fct_customer_periods": fct_customer_periods(all_sales, settings),
            "fct_loyalty_transactions": ledger_rows,
            "fct_customer_lifecycle": fct_customer_lifecycle(all_sales, settings),
            "rpt_customer_value": rpt_customer_value(sales, as_of, settings),
            "rpt_loyalty_by_period": rpt_loyalty_by_period(activity, settings),
            "dim_loyalty_programs": program_rows,
            "fct_point_lots": fct_point_lots(accounts, as_of),
            "fct_points_balances": fct_points_balances(accounts, as_of),
            "fct_loyalty_tiers": fct_loyalty_tiers(memberships),
            "dim_loyalty_members": dim_loyalty_members(memberships, ledger_rows, as_of, settings),
            "rpt_ledger_anomalies": rpt_ledger_anomalies(accounts, ledger_rows, as_of, settings),
            "rpt_points_vintages": rpt_points_vintages(programs),
            "rpt_points_liability": rpt_points_liability(
                programs, accounts, program_rows, orders, activity.spine(settings), as_of
            ),
            "rpt_partner_settlement": rpt_partner_settlement(
                ledger_rows, program_rows, as_of, settings
            ),
            "rpt_tier_migration": rpt_tier_migration(memberships, as_of, settings),
            "rpt_tiers_by_period": rpt_tiers_by_period(memberships, sales, as_of, settings),
            "rpt_membership_survival": rpt_membership_survival(memberships, as_of),
            "rpt_retention_by_period": period_rows,
            "rpt_retention_by_cohort": rpt_retention_by_cohort(
                sales, customer_rows, as_of, settings
            ),
            "rpt_retention_by_enrolment_cohort": rpt_retention_by_enrolment_cohort(
                joined_rows, sales, customer_rows, as_of, settings
            ),
            "rpt_repurchase_windows": rpt_repurchase_windows(
                sales, customer_rows, as_of, settings
            ),
            "rpt_order_ladder": rpt_order_ladder(sales, customer_rows, as_of, settings),
            "rpt_rolling_retention": rpt_rolling_retention(sales, as_of, settings),
            "rpt_lifecycle_by_period": rpt_lifecycle_by_period(
                sales, customer_rows, as_of, settings
            ),
            "rpt_lifecycle_transitions": rpt_lifecycle_transitions(sales, as_of, settings),
            "rpt_growth_accounting": rpt_growth_accounting(sales, customer_rows, as_of, settings),
            "rpt_churn_methods": rpt_churn_methods(sales, as_of, settings),
            "rpt_sales_bridge": rpt_sales_bridge(
                judged["orders"], order_rows, sales, rates, as_of, settings
            ),
            "rpt_customer_bridge": rpt_customer_bridge(period_rows, sales),
        },
        quarantine={table: result.quarantined for table, result in judged.items()},
        as_of_date=as_of,
        survival_fits=survival_fits(memberships, as_of),
    )
