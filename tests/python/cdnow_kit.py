"""CDNOW counted by hand: what the records say of windows, states and growth, in plain Python.

Apart from the project and from the reference: lists of days per customer, and counting.
"""

from __future__ import annotations

import importlib.util
import statistics
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

Row = dict[str, Any]

LAST_DAY = date(1998, 6, 30)
STATES = ("new", "active", "at_risk", "churned", "reactivated")
COUNTS = (
    "cohort_customers",
    "eligible_customers",
    "repurchased_customers",
    "repurchased_customers_distinct_days",
)


def cdnow_orders() -> Iterator[dict[str, str]]:
    """The records as the four columns that every shop has; each row is an order of its own."""
    package = importlib.util.find_spec("lifetimes")
    assert package and package.submodule_search_locations, "lifetimes is not installed"
    records = Path(package.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"
    with records.open(encoding="utf-8") as lines:
        next(lines)  # the header
        for number, line in enumerate(lines, start=1):
            customer_id, day, _number_of_cds, dollars = line.split()
            yield {
                "order_id": str(number),
                "customer_id": customer_id,
                "ordered_at": f"{day[:4]}-{day[4:6]}-{day[6:]}",
                "subtotal_amount": dollars,
            }


@cache
def purchases() -> dict[str, list[tuple[date, Decimal]]]:
    """(day, dollars) of each customer, by day."""
    by_customer: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for order in cdnow_orders():
        day = date.fromisoformat(order["ordered_at"])
        by_customer[order["customer_id"]].append((day, Decimal(order["subtotal_amount"])))
    return {customer: sorted(rows) for customer, rows in by_customer.items()}


@cache
def days_of_orders(last_day: date = LAST_DAY) -> dict[str, list[date]]:
    """The days of each customer's orders up to a day, a day twice where there were two."""
    days = {c: [day for day, _ in rows if day <= last_day] for c, rows in purchases().items()}
    return {customer: dates for customer, dates in days.items() if dates}


@cache
def distinct_days(last_day: date = LAST_DAY) -> dict[str, list[date]]:
    return {customer: sorted(set(days)) for customer, days in days_of_orders(last_day).items()}


def month_of(day: date) -> date:
    return day.replace(day=1)


def quarter_of(day: date) -> date:
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def month_starts(last_day: date) -> list[date]:
    """The months of the records up to the one of a day."""
    starts = [date(year, month, 1) for year in (1997, 1998) for month in range(1, 13)]
    return [start for start in starts if start <= last_day]


def month_end(start: date) -> date:
    return month_of(start + timedelta(days=32)) - timedelta(days=1)


# ---------------------------------------------------------------- cohorts and windows


def on_or_after(start_of: Callable[[date], date]) -> dict[tuple[date, date], int]:
    """(cohort, period) -> those of the cohort who came in the period or later."""
    found: Counter[tuple[date, date]] = Counter()
    periods = sorted({start_of(day) for day in month_starts(LAST_DAY)})
    for days in days_of_orders().values():
        first, last = start_of(days[0]), start_of(days[-1])
        found.update((first, period) for period in periods if first <= period <= last)
    return found


def repurchases(as_of: date) -> list[Row]:
    """By cohort month and window: customers, those whose window is over, those who bought again."""
    rows: dict[tuple[date, int], Row] = {}
    for days in days_of_orders(as_of).values():
        for window in (30, 60, 90, 180, 360):
            month = month_of(days[0])
            nothing = {"cohort_month": month, "window_days": window} | dict.fromkeys(COUNTS, 0)
            row = rows.setdefault((month, window), nothing)
            row["cohort_customers"] += 1
            if (as_of - days[0]).days < window:
                continue
            row["eligible_customers"] += 1
            waits = [(day - days[0]).days for day in days[1:]]
            row["repurchased_customers"] += any(wait <= window for wait in waits)
            is_on_other_day = any(0 < wait <= window for wait in waits)
            row["repurchased_customers_distinct_days"] += is_on_other_day
    return list(rows.values())


def ladder() -> list[Row]:
    """By order number: those who came so far, those who went on, the quartiles of their waits."""
    reached: Counter[int] = Counter()
    waits: defaultdict[int, list[int]] = defaultdict(list)
    for days in days_of_orders().values():
        reached.update(range(1, len(days) + 1))
        for number, (day, following) in enumerate(pairwise(days), start=1):
            waits[number].append((following - day).days)
    rows = []
    for number, customers in reached.items():
        after = waits[number]
        quartiles = [float(after[0])] * 3 if len(after) == 1 else [None] * 3
        if len(after) > 1:
            quartiles = statistics.quantiles(after, n=4, method="inclusive")
        rows.append(
            {
                "order_number": number,
                "customers": customers,
                "next_customers": len(after),
                "next_order_rate": len(after) / customers,
                "days_to_next_p25": quartiles[0],
                "days_to_next_median": quartiles[1],
                "days_to_next_p75": quartiles[2],
            }
        )
    return rows


def buckets(width: int) -> list[Row]:
    """By cohort month and bucket of so many days: those whose bucket is over, and the active."""
    eligible: Counter[tuple[date, int]] = Counter()
    active: Counter[tuple[date, int]] = Counter()
    for days in days_of_orders().values():
        cohort, first = month_of(days[0]), days[0]
        over = (LAST_DAY - first).days // width
        eligible.update((cohort, bucket) for bucket in range(over))
        visited = {(day - first).days // width for day in days}
        active.update((cohort, bucket) for bucket in visited if bucket < over)
    return [
        {
            "cohort_month": cohort,
            "bucket_days": width,
            "bucket": bucket,
            "eligible_customers": customers,
            "active_customers": active[cohort, bucket],
            "retention_rate": active[cohort, bucket] / customers,
        }
        for (cohort, bucket), customers in eligible.items()
    ]


# ---------------------------------------------------------------- states


def state(days: list[date], on: date, at_risk_after: int, churn_after: int) -> str:
    """From the days of a customer's orders: where they stand at the end of a day."""
    place = bisect_right(days, on)
    if place == 0:
        return "none"
    idle = (on - days[place - 1]).days
    if idle > churn_after:
        return "churned"
    if idle > at_risk_after:
        return "at_risk"
    if place == 1:
        return "new"
    # Between two orders lie wait - 1 days without one: churned on the last of them, or not.
    wait = (days[place - 1] - days[place - 2]).days
    return "reactivated" if wait - 1 > churn_after else "active"


def states_on(on: date, at_risk_after: int = 45, churn_after: int = 90) -> Counter[str]:
    return Counter(
        state(days, on, at_risk_after, churn_after) for days in distinct_days().values()
    )


@cache
def sales_by_month() -> dict[str, Counter[date]]:
    """Dollars of each customer in each month."""
    sums: dict[str, Counter[date]] = {}
    for customer, rows in purchases().items():
        months: Any = Counter()
        for day, dollars in rows:
            months[month_of(day)] += dollars
        sums[customer] = months
    return sums


def states_by_month() -> tuple[list[Row], list[Row]]:
    """Customers and dollars by month and state at its end; customers by the way they went."""
    starts = month_starts(LAST_DAY)
    by_state: dict[tuple[date, str], Row] = {
        (start, word): {
            "period_start": start,
            "state": word,
            "customers": 0,
            "net_sales": Decimal(0),
        }
        for start in starts
        for word in STATES
    }
    ways: Counter[tuple[date, str, str]] = Counter()
    for customer, days in distinct_days().items():
        before = "none"
        for start in starts:
            now = state(days, month_end(start), 45, 90)
            if now == "none":
                continue
            row = by_state[start, now]
            row["customers"] += 1
            row["net_sales"] += sales_by_month()[customer][start]
            ways[start, before, now] += 1
            before = now
    transitions = [
        {"period_start": start, "from_state": before, "to_state": now, "customers": customers}
        for (start, before, now), customers in ways.items()
    ]
    return list(by_state.values()), transitions


def growth_by_month() -> list[Row]:
    """The dollars of each month by where they came from, and what was lost of the month before."""
    names = ("new", "resurrected", "retained", "expansion", "contraction", "lost")
    rows = []
    previous = None
    for start in month_starts(LAST_DAY):
        sums = dict.fromkeys(names, Decimal(0))
        for customer, months in sales_by_month().items():
            came, came_before = start in months, previous in months
            now, before = months[start], months[previous] if previous else Decimal(0)
            if came and came_before:
                sums["retained"] += min(now, before)
                sums["expansion" if now > before else "contraction"] += abs(now - before)
            elif came:
                is_new = month_of(distinct_days()[customer][0]) == start
                sums["new" if is_new else "resurrected"] += now
            elif came_before:
                sums["lost"] += before
        rows.append({"period_start": start} | {f"{n}_net_sales": sums[n] for n in names})
        previous = start
    return rows


# ---------------------------------------------------------------- churn


def quarter_ends(churn_after: int = 90) -> list[date]:
    """The quarter ends whose outcome the records show."""
    ends = [month_end(start) for start in month_starts(LAST_DAY) if start.month % 3 == 0]
    return [end for end in ends if end + timedelta(days=churn_after) <= LAST_DAY]


def churn_methods(on: date) -> list[Row]:
    """The three methods at their defaults, at the end of a quarter."""
    known = {c: days[: bisect_right(days, on)] for c, days in distinct_days().items()}
    known = {customer: days for customer, days in known.items() if days}
    waits = {c: [(b - a).days for a, b in pairwise(days)] for c, days in known.items()}
    of_shop = sorted(wait for of_customer in waits.values() for wait in of_customer)
    fifths = statistics.quantiles(of_shop, n=5, method="inclusive")
    usual = statistics.median(of_shop)
    # Nobody has a sales channel: all are of the channel 'unknown', whose intervals are the shop's.
    own = {c: statistics.median(ws) if len(ws) >= 3 else usual for c, ws in waits.items()}
    bounded = {c: min(max(2 * middle, 14), 365) for c, middle in own.items()}
    thresholds = {
        "fixed_window": (dict.fromkeys(known, 90), dict.fromkeys(known, 45)),
        "shop_percentile": (dict.fromkeys(known, fifths[3]), dict.fromkeys(known, fifths[1])),
        "customer_interval": (bounded, {c: days / 2 for c, days in bounded.items()}),
    }
    last_day = on + timedelta(days=90)
    came = {c for c, days in distinct_days().items() if any(on < day <= last_day for day in days)}
    rows = []
    for method, (churned_after, at_risk_after) in thresholds.items():
        idle = {c: (on - days[-1]).days for c, days in known.items()}
        predicted = {c for c in known if idle[c] > churned_after[c]}
        churned = known.keys() - came
        hits = predicted & churned
        rows.append(
            {
                "as_of_date": on,
                "method": method,
                "customers": len(known),
                "predicted_churned": len(predicted),
                "predicted_at_risk": sum(
                    at_risk_after[c] < idle[c] for c in known.keys() - predicted
                ),
                "churned": len(churned),
                "true_positives": len(hits),
                "precision": len(hits) / len(predicted) if predicted else None,
                "recall": len(hits) / len(churned),
                "accuracy": 1 - len(predicted ^ churned) / len(known),
                "predicted_churn_rate": len(predicted) / len(known),
                "churn_rate": len(churned) / len(known),
                "calibration": len(predicted) / len(churned),
                "threshold_days": float(statistics.median(churned_after.values())),
            }
        )
    return rows
