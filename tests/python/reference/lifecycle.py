"""In which state each customer is on each day, found by walking through the days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from reference.orders import Sale, sales_by_customer
from reference.periods import ONE_DAY, Period
from reference.raw import Row
from reference.retention import report_periods, segments_of
from reference.settings import Settings
from reference.windows import ALL, order_days

STATES = ("new", "active", "at_risk", "churned", "reactivated")
NONE = "none"


def state_on(
    day: date, days_with_orders: Sequence[date], settings: Settings
) -> tuple[str, date] | None:
    """The state at the end of the day, and the order day it follows from; None before the first.

    Only orders up to that day are looked at.
    """
    so_far = [order_day for order_day in days_with_orders if order_day <= day]
    if not so_far:
        return None
    latest = so_far[-1]
    idle = (day - latest).days
    if idle > settings.churn_after_days:
        return "churned", latest
    if idle > settings.at_risk_after_days:
        return "at_risk", latest
    if len(so_far) == 1:
        return "new", latest
    # On the day before they came back they had been idle for so many days; an order on the very
    # day of churn comes in time.
    idle_before = (latest - so_far[-2]).days - 1
    return ("reactivated" if idle_before > settings.churn_after_days else "active"), latest


def fct_customer_lifecycle(sales: Iterable[Sale], settings: Settings) -> list[Row]:
    """Each stretch of days in one state after one order. `sales` are all counted orders."""
    rows = []
    for customer_id, history in sales_by_customer(sales).items():
        days_with_orders = order_days(history)
        for (state, order_day), first, after in _stretches(days_with_orders, settings):
            rows.append(
                {
                    "customer_id": customer_id,
                    "state": state,
                    "valid_from": first,
                    "valid_to": after,
                    "order_date": order_day,
                }
            )
    return rows


def _stretches(
    days_with_orders: Sequence[date], settings: Settings
) -> Iterable[tuple[tuple[str, date], date, date | None]]:
    """(state and order day, first day, day after the last): until nothing changes any more."""
    known: list[tuple[tuple[str, date], date]] = []
    day = days_with_orders[0]
    while not known or known[-1][0] != ("churned", days_with_orders[-1]):
        state = state_on(day, days_with_orders, settings)
        assert state is not None, "the walk begins with the first order"
        known.append((state, day))
        day += ONE_DAY
    runs = [
        (state, [day for _, day in run]) for state, run in groupby(known, key=lambda one: one[0])
    ]
    for number, (state, days) in enumerate(runs):
        is_last = number == len(runs) - 1
        yield state, days[0], None if is_last else days[-1] + ONE_DAY


class StatesAtEnds:
    """The state of each customer at the end of each period, as far as as_of knows."""

    def __init__(self, histories: Mapping[str, list[Sale]], as_of: date, settings: Settings):
        self.as_of = as_of
        self.settings = settings
        self.order_days = {c: order_days(sales) for c, sales in histories.items()}
        self.known: dict[tuple[str, date], str] = {}

    def at_end(self, customer_id: str, period: Period) -> str:
        """'none' for who has not ordered by then."""
        day = min(period.end, self.as_of)
        key = customer_id, day
        if key not in self.known:
            state = state_on(day, self.order_days[customer_id], self.settings)
            self.known[key] = NONE if state is None else state[0]
        return self.known[key]


def rpt_lifecycle_by_period(
    sales: Iterable[Sale], customer_rows: Iterable[Row], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each state in each period, for each segment, those of orders without a customer too."""
    sales = list(sales)
    if as_of is None or not sales:
        return []
    rows = []
    states = StatesAtEnds(sales_by_customer(sales), as_of, settings)
    for segment in segments_of(sales, customer_rows, settings):
        for period in report_periods(sales, as_of, settings):
            customers: Counter[str] = Counter()
            net_sales: defaultdict[str, Decimal] = defaultdict(Decimal)
            for customer_id, history in segment.histories.items():
                state = states.at_end(customer_id, period)
                customers[state] += 1
                net_sales[state] += sum(
                    (sale.net_sales for sale in history if sale.order_date in period), Decimal(0)
                )
            rows += [
                {
                    **_period_columns(period, as_of),
                    **segment.labels,
                    "state": state,
                    "customers": customers[state],
                    "net_sales": net_sales[state],
                }
                for state in STATES
            ]
    return rows


def _period_columns(period: Period, as_of: date) -> Row:
    return {
        "period_grain": period.grain,
        "period_start": period.start,
        "period_end": period.end,
        "is_complete": period.end <= as_of,
    }


def rpt_lifecycle_transitions(
    sales: Iterable[Sale], as_of: date | None, settings: Settings
) -> list[Row]:
    """How many customers went from one state, at the end of the period before, to another."""
    sales = list(sales)
    if as_of is None or not sales:
        return []
    histories = sales_by_customer(sales)
    states = StatesAtEnds(histories, as_of, settings)
    rows = []
    for period in report_periods(sales, as_of, settings):
        ways: Counter[tuple[str, str]] = Counter(
            (states.at_end(customer_id, period.before()), states.at_end(customer_id, period))
            for customer_id in histories
        )
        rows += [
            {
                **_period_columns(period, as_of),
                **ALL,
                "from_state": before,
                "to_state": now,
                "customers": customers,
            }
            for (before, now), customers in ways.items()
            if now != NONE
        ]
    return rows
