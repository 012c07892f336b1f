"""The vars that change what a mart means, in few combinations that hold each of them."""

from __future__ import annotations

from typing import Any

SCENARIOS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "as_of_inside_periods_weeks_from_sunday": {
        "as_of_date": "2024-08-14",
        "week_start": "sunday",
        "fiscal_year_start_month": 2,
        "churn_after_days": 30,
        # Later than churn: nobody is ever at risk.
        "at_risk_after_days": 45,
        "rolling_bucket_days": [5, 45],
        "sparse_customers": 2,
        "churn_percentile": 0.5,
        "at_risk_percentile": 0.25,
        "churn_interval_multiplier": 3,
        "churn_interval_floor_days": 20,
        "churn_interval_ceiling_days": 60,
        "at_risk_interval_share": 0.2,
        "max_customers_per_email": 2,
    },
    "new_york": {
        "reporting_timezone": "America/New_York",
        "raw_timezone": "America/New_York",
        "as_of_date": "2024-12-31",
        "gross_margin_rate": 0.35,
        "at_risk_after_days": 0,
        "rolling_bucket_days": [28],
        "sparse_customers": 5,
        "churn_interval_multiplier": 1.5,
        "churn_interval_floor_days": 1,
        "churn_interval_ceiling_days": 40,
        "at_risk_interval_share": 0.7,
        "fiscal_year_start_month": 7,
        "item_gap_tolerance": 0,
        # Against what the ledger shows: of some shops, of all kinds of programme, and of none.
        "points_expiry": {
            **{f"s{shop}-miles": "computed" for shop in range(0, 40, 3)},
            **{f"s{shop}-club": "posted" for shop in range(0, 40, 4)},
            **{f"s{shop}-gold": "computed" for shop in range(0, 40, 5)},
            "nobody": "posted",
        },
    },
    "berlin_with_raw_kolkata": {
        "reporting_timezone": "Europe/Berlin",
        "raw_timezone": "Asia/Kolkata",
        "reporting_currency": "eur",
        "week_start": "saturday",
        "as_of_date": "2024-03-31",
        "segments": ["first_sales_channel", "first_product_category", "first_discount_code"],
        "max_customers_per_email": 3,
        "at_risk_after_days": 7,
        "rolling_bucket_days": [14, 7, 90],
        "sparse_customers": 1,
        "churn_percentile": 0.95,
        "at_risk_percentile": 0.05,
    },
    "long_memory_few_grains": {
        "churn_after_days": 400,
        "at_risk_after_days": 200,
        "rolling_bucket_days": [120],
        "sparse_customers": 0,
        "churn_percentile": 0.75,
        "at_risk_percentile": 0.6,
        "churn_interval_multiplier": 1,
        "churn_interval_ceiling_days": 100,
        "period_grains": ["month", "year"],
        "segments": ["country_code"],
        "expected_lifespan_years": 2.5,
        "as_of_date": "2025-12-31",
        "fiscal_year_start_month": 10,
        "item_gap_tolerance": 5.5,
    },
}

# Every table and column is there, so that no case is missing from every build by the luck of a draw.
WHOLE = {"defaults"}

# Here dbt's own data tests run too: as of a day before many of the orders and refunds, reports and
# facts have the most reason to differ.
WITH_DATA_TESTS = {"as_of_inside_periods_weeks_from_sunday"}
