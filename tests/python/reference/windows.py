"""Who bought again, and how soon: windows after the first order, the ladder of orders, buckets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from reference.orders import Sale, sales_by_customer
from reference.raw import Row
from reference.retention import segments_of
from reference.settings import Settings
from reference.statistics import as_float, is_sparse, percentile, rate_with_interval

WINDOWS = (30, 60, 90, 180, 360)
ALL = {"segment_type": "all", "segment": "all"}

History = list[Sale]


def by_cohort_month(histories: Iterable[History]) -> dict[date, list[History]]:
    """The customers by the month of their first order."""
    cohorts: dict[date, list[History]] = {}
    for history in histories:
        cohorts.setdefault(history[0].order_date.replace(day=1), []).append(history)
    return cohorts


def order_days(history: Iterable[Sale]) -> list[date]:
    """The distinct days with an order, in order."""
    return sorted({sale.order_date for sale in history})


def rpt_repurchase_windows(
    sales: Iterable[Sale], customer_rows: Iterable[Row], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each cohort month in each of the five windows. `sales` are the counted orders up to as_of."""
    if as_of is None:
        return []
    return [
        {
            "cohort_month": cohort_month,
            "window_days": window,
            **segment.labels,
            **_repurchases(histories, timedelta(days=window), as_of, settings),
        }
        for segment in segments_of(sales, customer_rows, settings)
        for cohort_month, histories in by_cohort_month(segment.histories.values()).items()
        for window in WINDOWS
    ]


def _repurchases(
    histories: list[History], window: timedelta, as_of: date, settings: Settings
) -> Row:
    """Of those whose window is over by as_of: who ordered a second time within it."""
    eligible = [history for history in histories if history[0].order_date + window <= as_of]
    by_order = by_day = 0
    for history in eligible:
        last_day = history[0].order_date + window
        by_order += len(history) >= 2 and history[1].order_date <= last_day
        days = order_days(history)
        by_day += len(days) >= 2 and days[1] <= last_day
    return {
        "cohort_customers": len(histories),
        "eligible_customers": len(eligible),
        "repurchased_customers": by_order,
        "repurchased_customers_distinct_days": by_day,
        **rate_with_interval("repurchase_rate", by_order, len(eligible)),
        **rate_with_interval("repurchase_rate_distinct_days", by_day, len(eligible)),
        **is_sparse(len(eligible), settings),
    }


def rpt_order_ladder(
    sales: Iterable[Sale], customer_rows: Iterable[Row], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each step from one order to the next, as far as anybody in the segment has come."""
    if as_of is None:
        return []
    rows = []
    for segment in segments_of(sales, customer_rows, settings):
        histories = list(segment.histories.values())
        highest = max((len(history) for history in histories), default=0)
        for number in range(1, highest + 1):
            labels = {"order_number": number, **segment.labels}
            rows.append(labels | _step(histories, number, settings))
    return rows


def _step(histories: list[History], number: int, settings: Settings) -> Row:
    """Those who came as far as this order, those who went on, and after how many days."""
    customers = sum(len(history) >= number for history in histories)
    days = [
        (history[number].order_date - history[number - 1].order_date).days
        for history in histories
        if len(history) > number
    ]
    return {
        "customers": customers,
        "next_customers": len(days),
        **rate_with_interval("next_order_rate", len(days), customers),
        "days_to_next_p25": as_float(percentile(days, Fraction(1, 4))),
        "days_to_next_median": as_float(percentile(days, Fraction(1, 2))),
        "days_to_next_p75": as_float(percentile(days, Fraction(3, 4))),
        **is_sparse(customers, settings),
    }


def rpt_rolling_retention(
    sales: Iterable[Sale], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each customer's own clock: the buckets of so many days that begin with their first order."""
    if as_of is None:
        return []
    cohorts = by_cohort_month(sales_by_customer(sales).values())
    return [
        {"cohort_month": cohort_month, "bucket_days": width, **ALL, **row}
        for cohort_month, histories in cohorts.items()
        for width in settings.rolling_bucket_days
        for row in _buckets(histories, width, as_of, settings)
    ]


def _buckets(histories: list[History], width: int, as_of: date, settings: Settings) -> list[Row]:
    """Bucket by bucket, as long as it is over for anybody."""
    rows: list[Row] = []
    while True:
        first, after = timedelta(days=len(rows) * width), timedelta(days=(len(rows) + 1) * width)
        eligible = [history for history in histories if history[0].order_date + after <= as_of]
        if not eligible:
            return rows
        active = sum(
            any(first <= sale.order_date - history[0].order_date < after for sale in history)
            for history in eligible
        )
        rows.append(
            {
                "bucket": len(rows),
                "eligible_customers": len(eligible),
                "active_customers": active,
                **rate_with_interval("retention_rate", active, len(eligible)),
                **is_sparse(len(eligible), settings),
            }
        )
