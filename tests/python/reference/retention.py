"""Who came, who came back, who stayed away: the retention reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from reference.orders import UNKNOWN, Sale, known_sum, sales_by_customer
from reference.periods import ONE_DAY, Period, days_from, period_of, periods_apart, periods_between
from reference.raw import Row
from reference.settings import Settings
from reference.statistics import is_sparse, rate_with_interval, ratio


@dataclass(frozen=True)
class Segment:
    """A part of the customers, with their counted orders up to as_of."""

    segment_type: str
    segment: str
    # Of customers: what every customer metric is made of.
    histories: Mapping[str, list[Sale]]
    # Without a customer: in sales, in no customer metric.
    sales_without_customer: tuple[Sale, ...]

    @property
    def labels(self) -> Row:
        return {"segment_type": self.segment_type, "segment": self.segment}


def segments_of(
    sales: Iterable[Sale], customer_rows: Iterable[Row], settings: Settings
) -> Iterator[Segment]:
    """'all', and for each segment type each value that a customer with an order has.

    An attribute that is missing is 'unknown'; orders without a customer are 'unknown' too.
    """
    sales = list(sales)
    histories = sales_by_customer(sales)
    anonymous = tuple(sale for sale in sales if sale.customer_id is None)
    yield Segment("all", "all", histories, anonymous)
    attributes = {row["customer_id"]: row for row in customer_rows}
    for segment_type in settings.segments:
        value_of = {
            customer_id: attributes[customer_id][segment_type] or UNKNOWN
            for customer_id in histories
        }
        values = set(value_of.values()) | ({UNKNOWN} if anonymous else set())
        for value in sorted(values):
            members = {c: h for c, h in histories.items() if value_of[c] == value}
            yield Segment(segment_type, value, members, anonymous if value == UNKNOWN else ())


class ChurnClock:
    """The days on which each customer churned, found by walking through every day.

    A customer churns on the day that lies churn_after_days + 1 after their latest counted order.
    An order on that very day still prevents it. Days after as_of are not known yet.
    """

    def __init__(self, histories: Mapping[str, list[Sale]], as_of: date, churn_after: int):
        self.allowed = timedelta(days=churn_after + 1)
        self.order_dates = {c: sorted({s.order_date for s in h}) for c, h in histories.items()}
        self.churn_days = {
            customer_id: self._walk(dates, as_of) for customer_id, dates in self.order_dates.items()
        }

    def _walk(self, order_dates: list[date], as_of: date) -> list[date]:
        churned = []
        latest = order_dates[0]
        ordered_on = set(order_dates)
        for day in days_from(order_dates[0], as_of):
            latest = day if day in ordered_on else latest
            if day - latest == self.allowed:
                churned.append(day)
        return churned

    def is_open(self, customer_id: str, start: date) -> bool:
        """Had ordered before the day, and was not churned at the end of the day before it."""
        before = [day for day in self.order_dates[customer_id] if day < start]
        return bool(before) and start - ONE_DAY - before[-1] < self.allowed

    def churned_in(self, customer_id: str, period: Period) -> bool:
        return any(day in period for day in self.churn_days[customer_id])


def report_periods(sales: list[Sale], as_of: date, settings: Settings) -> list[Period]:
    """The periods of a report: from the first counted order's to as_of's, empty ones too."""
    first = min(sale.order_date for sale in sales)
    return [
        period
        for grain in settings.period_grains
        for period in periods_between(first, as_of, grain, settings.week_start)
    ]


def rpt_retention_by_period(
    sales: Iterable[Sale], customer_rows: Iterable[Row], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each period, for each segment. `sales` are the counted orders up to as_of."""
    sales = list(sales)
    if not sales or as_of is None:
        return []
    rows = []
    customer_rows = list(customer_rows)
    clock = ChurnClock(sales_by_customer(sales), as_of, settings.churn_after_days)
    for segment in segments_of(sales, customer_rows, settings):
        for period in report_periods(sales, as_of, settings):
            is_complete = period.end <= as_of
            rows.append(
                {
                    "period_grain": period.grain,
                    "period_start": period.start,
                    "period_end": period.end,
                    "is_complete": is_complete,
                    **segment.labels,
                    **_with_rates(_period_counts(segment, period, clock), is_complete),
                }
            )
    return rows


def _active(histories: Mapping[str, list[Sale]], period: Period) -> set[str]:
    """The customers with a counted order in the period."""
    return {
        customer_id
        for customer_id, history in histories.items()
        if any(sale.order_date in period for sale in history)
    }


def _period_counts(segment: Segment, period: Period, clock: ChurnClock) -> Row:
    """Everything of a period that can be counted or added."""
    histories = segment.histories
    by_end = {
        customer_id: sum(sale.order_date <= period.end for sale in history)
        for customer_id, history in histories.items()
    }
    active, previous = _active(histories, period), _active(histories, period.before())
    new = {c for c in active if histories[c][0].order_date in period}
    inside = [s for history in histories.values() for s in history if s.order_date in period]
    anonymous = [s for s in segment.sales_without_customer if s.order_date in period]
    orders_inside = {c: sum(s.order_date in period for s in histories[c]) for c in active}
    open_customers = {c for c in histories if clock.is_open(c, period.start)}
    return {
        "active_customers": len(active),
        "new_customers": len(new),
        "returning_customers": len(active - new),
        "previous_active_customers": len(previous),
        "retained_customers": len(active & previous),
        "lost_customers": len(previous - active),
        "resurrected_customers": len(active - new - previous),
        "repeat_customers": sum(count >= 2 for count in orders_inside.values()),
        "repeat_customers_to_date": sum(by_end[c] >= 2 for c in active),
        "customers_to_date": sum(count >= 1 for count in by_end.values()),
        "repeat_customers_lifetime": sum(count >= 2 for count in by_end.values()),
        **_money(inside),
        "returns_posted": _posted(histories, period),
        "orders_all": len(inside) + len(anonymous),
        "net_sales_all": sum((s.net_sales for s in inside + anonymous), Decimal(0)),
        "open_customers": len(open_customers),
        "churned_customers": sum(clock.churned_in(c, period) for c in open_customers),
    }


def _money(sales: list[Sale]) -> Row:
    """The orders of a period and their sums."""
    nothing = Decimal(0)
    return {
        "orders": len(sales),
        "gross_sales": sum((sale.gross_sales for sale in sales), nothing),
        "discounts": sum((sale.discounts for sale in sales), nothing),
        "returns": sum((sale.returns for sale in sales), nothing),
        "net_sales": sum((sale.net_sales for sale in sales), nothing),
        "total_sales": sum((sale.total_sales for sale in sales), nothing),
        "gross_margin": known_sum(sale.gross_margin for sale in sales),
    }


def _posted(histories: Mapping[str, list[Sale]], period: Period) -> Decimal:
    """The returns that were posted in the period, of orders of whatever period."""
    return sum(
        (
            amount
            for history in histories.values()
            for sale in history
            for posted_date, amount in sale.posted_returns
            if posted_date in period
        ),
        Decimal(0),
    )


def _with_rates(counts: Row, is_complete: bool) -> Row:
    """The rates beside their numerators and denominators."""
    active, orders = counts["active_customers"], counts["orders"]
    previous = counts["previous_active_customers"]
    # An unfinished period still loses nobody for good: these three wait for its end.
    retention_rate = ratio(counts["retained_customers"], previous)
    churn_rate = ratio(counts["lost_customers"], previous)
    inactivity_churn_rate = ratio(counts["churned_customers"], counts["open_customers"])
    before_returns = counts["gross_sales"] - counts["discounts"]
    return {
        **counts,
        "retention_rate": retention_rate if is_complete else None,
        "churn_rate": churn_rate if is_complete else None,
        "inactivity_churn_rate": inactivity_churn_rate if is_complete else None,
        "repeat_customer_rate": ratio(counts["repeat_customers"], active),
        "repeat_customer_rate_to_date": ratio(counts["repeat_customers_to_date"], active),
        "returning_customer_share": ratio(counts["returning_customers"], active),
        "repeat_customer_rate_lifetime": ratio(
            counts["repeat_customers_lifetime"], counts["customers_to_date"]
        ),
        "purchase_frequency": ratio(orders, active),
        "average_order_value": ratio(counts["net_sales"], orders),
        "average_order_value_before_returns": ratio(before_returns, orders),
        "average_order_value_total": ratio(counts["total_sales"], orders),
        # Orders per customer times value per order: the orders cancel out.
        "customer_value": ratio(counts["net_sales"], active),
    }


def rpt_retention_by_cohort(
    sales: Iterable[Sale], customer_rows: Iterable[Row], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each cohort by the period of its first order, k periods on, for each segment."""
    sales = list(sales)
    if not sales or as_of is None:
        return []
    rows = []
    customer_rows = list(customer_rows)
    for segment in segments_of(sales, customer_rows, settings):
        for grain in settings.period_grains:
            cohorts: dict[Period, list[list[Sale]]] = {}
            for history in segment.histories.values():
                cohort = period_of(history[0].order_date, grain, settings.week_start)
                cohorts.setdefault(cohort, []).append(history)
            for cohort, histories in cohorts.items():
                for row in _cohort_rows(cohort, histories, as_of, settings):
                    rows.append({"period_grain": grain, **segment.labels, **row})
    return rows


def _cohort_rows(
    cohort: Period, histories: list[list[Sale]], as_of: date, settings: Settings
) -> Iterator[Row]:
    """One cohort from period 0 to the period of as_of, empty periods too."""
    sales = [sale for history in histories for sale in history]
    sales_at_0 = sum((s.net_sales for s in sales if s.order_date in cohort), Decimal(0))
    for period in periods_between(cohort.start, as_of, cohort.grain, cohort.week_start):
        counts = _cohort_counts(period, histories, sales)
        is_complete = period.end <= as_of
        size = counts["cohort_size"]
        rates = {
            **rate_with_interval("retention_rate", counts["active_customers"], size),
            **rate_with_interval(
                "on_or_after_retention_rate", counts["on_or_after_customers"], size
            ),
            **rate_with_interval("repurchase_rate", counts["repurchased_customers"], size),
            "net_sales_retention": ratio(counts["net_sales"], sales_at_0),
            "cumulative_ltv": ratio(counts["cumulative_net_sales"], size),
        }
        yield {
            "cohort_start": cohort.start,
            "period_number": periods_apart(cohort, period),
            "period_start": period.start,
            "period_end": period.end,
            "is_complete": is_complete,
            "cohort_type": "first_order",
            **counts,
            **is_sparse(size, settings),
            **{name: rate if is_complete else None for name, rate in rates.items()},
        }


def _cohort_counts(period: Period, histories: list[list[Sale]], sales: list[Sale]) -> Row:
    """What a cohort's customers did in a period, from it on, and up to its end."""
    inside = [sale for sale in sales if sale.order_date in period]
    so_far = [sale for sale in sales if sale.order_date <= period.end]
    return {
        "cohort_size": len(histories),
        "active_customers": sum(
            any(sale.order_date in period for sale in history) for history in histories
        ),
        "on_or_after_customers": sum(
            any(sale.order_date >= period.start for sale in history) for history in histories
        ),
        "repurchased_customers": sum(
            len(history) >= 2 and history[1].order_date <= period.end for history in histories
        ),
        "orders": len(inside),
        "net_sales": sum((sale.net_sales for sale in inside), Decimal(0)),
        "gross_margin": known_sum(sale.gross_margin for sale in inside),
        "cumulative_orders": len(so_far),
        "cumulative_net_sales": sum((sale.net_sales for sale in so_far), Decimal(0)),
    }
