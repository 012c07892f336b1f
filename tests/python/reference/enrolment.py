"""Cohorts by the day of joining a loyalty programme instead of the day of the first order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reference.orders import UNKNOWN, Sale, sales_by_customer
from reference.periods import Period, period_of, periods_apart, periods_between
from reference.raw import Row
from reference.settings import Settings
from reference.statistics import is_sparse, rate_with_interval


@dataclass(frozen=True)
class Member:
    """Who joined on which day, with the orders from that day on."""

    customer_id: str
    enrolled_on: date
    sales: tuple[Sale, ...]


def members_of(joined_rows: Iterable[Row], sales: Iterable[Sale], as_of: date) -> list[Member]:
    """Everybody with an entry or a membership event by as_of, of whatever programme, orders or not.
    """
    enrolled: dict[str, date] = {}
    for row in joined_rows:
        customer_id, day = row["customer_id"], row["occurred_date"]
        if day <= as_of:
            enrolled[customer_id] = min(day, enrolled.get(customer_id, day))
    histories = sales_by_customer(sales)
    return [
        Member(
            customer_id,
            day,
            tuple(sale for sale in histories.get(customer_id, []) if sale.order_date >= day),
        )
        for customer_id, day in enrolled.items()
    ]


def rpt_retention_by_enrolment_cohort(
    joined_rows: Iterable[Row],
    sales: Iterable[Sale],
    customer_rows: Iterable[Row],
    as_of: date | None,
    settings: Settings,
) -> list[Row]:
    """Each cohort by the period of its enrolment, k periods on, for each segment."""
    if as_of is None:
        return []
    attributes = {row["customer_id"]: row for row in customer_rows}
    cohorts: dict[tuple[str, str, Period], list[Member]] = {}
    for member in members_of(joined_rows, sales, as_of):
        of_member = attributes[member.customer_id]
        segments = [("all", "all")]
        segments += [(name, of_member[name] or UNKNOWN) for name in settings.segments]
        for segment_type, segment in segments:
            for grain in settings.period_grains:
                cohort = period_of(member.enrolled_on, grain, settings.week_start)
                cohorts.setdefault((segment_type, segment, cohort), []).append(member)
    return [
        {
            "period_grain": cohort.grain,
            "cohort_start": cohort.start,
            "period_number": periods_apart(cohort, period),
            "period_start": period.start,
            "period_end": period.end,
            "is_complete": period.end <= as_of,
            "segment_type": segment_type,
            "segment": segment,
            "cohort_type": "loyalty_enrolment",
            **_counts(members, period, as_of, settings),
        }
        for (segment_type, segment, cohort), members in cohorts.items()
        for period in periods_between(cohort.start, as_of, cohort.grain, cohort.week_start)
    ]


def _counts(members: list[Member], period: Period, as_of: date, settings: Settings) -> Row:
    """What a cohort's members did in a period."""
    inside = [sale for member in members for sale in member.sales if sale.order_date in period]
    active = len({sale.customer_id for sale in inside})
    return {
        "cohort_size": len(members),
        "active_customers": active,
        "orders": len(inside),
        "net_sales": sum((sale.net_sales for sale in inside), Decimal(0)),
        **rate_with_interval("retention_rate", active, len(members), period.end <= as_of),
        **is_sparse(len(members), settings),
    }
