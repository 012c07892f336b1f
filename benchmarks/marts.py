"""The core marts: what is built by each opponent, and by which columns a row is known."""

from __future__ import annotations

MARTS: dict[str, tuple[str, ...]] = {
    "dim_customers": ("customer_id",),
    "dim_dates": ("date_day",),
    "dim_loyalty_programs": ("program_id",),
    "fct_orders": ("order_id",),
    "fct_customer_periods": ("period_grain", "period_start", "customer_id"),
    "fct_loyalty_transactions": ("loyalty_transaction_id",),
    "fct_refunds": ("refund_id",),
    "fct_order_items": ("order_id", "line_number"),
    "rpt_retention_by_period": ("period_grain", "period_start", "segment_type", "segment"),
    "rpt_retention_by_cohort": ("period_grain", "cohort_start", "period_number", "segment_type", "segment"),
    "rpt_customer_value": ("customer_id",),
    "rpt_load_reconciliation": ("table_name",),
}

# What the opponents do not make: a key that batches need, what a first order was, and intervals that follow from two
# counts of the row.
NOT_COMPARED = {
    "dim_customers": {"first_campaign_id", "first_discount_code", "first_product_category"},
    "fct_orders": {"guest_customer_id", "product_category"},
    "rpt_retention_by_cohort": {
        "cohort_type", "is_sparse", "on_or_after_retention_rate_lower", "on_or_after_retention_rate_upper",
        "repurchase_rate_lower", "repurchase_rate_upper", "retention_rate_lower", "retention_rate_upper",
    },
}  # fmt: skip

# Raw tables that the opponents do not read: the comparison is of a shop without them.
NOT_READ = ("loyalty_memberships", "redemption_estimates")

QUARANTINES = (
    "orders", "customers", "loyalty_transactions", "loyalty_programs", "refunds", "order_items",
    "customer_aliases", "exchange_rates",
)  # fmt: skip
