"""Three ways of calling a customer churned, held against what came after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from reference.orders import UNKNOWN, Sale, sales_by_customer
from reference.periods import period_of
from reference.raw import Row
from reference.settings import Settings
from reference.statistics import as_float, median, percentile, ratio
from reference.windows import order_days

OWN_INTERVALS_NEEDED = 3
CHANNEL_INTERVALS_NEEDED = 30


@dataclass(frozen=True)
class Customer:
    """What was known of a customer on the day of the test, and whether they came back after."""

    customer_id: str
    channel: str
    idle: int
    # Days between one order day and the next.
    intervals: tuple[int, ...]
    has_churned: bool


@dataclass(frozen=True)
class Prediction:
    """One method's word on one customer."""

    threshold: Fraction
    is_churned: bool
    is_at_risk: bool


def _predicted(customer: Customer, threshold: Fraction, at_risk_threshold: Fraction) -> Prediction:
    is_churned = customer.idle > threshold
    return Prediction(threshold, is_churned, customer.idle > at_risk_threshold and not is_churned)


def fixed_window(customers: list[Customer], settings: Settings) -> list[Prediction]:
    """So many days for everybody."""
    at_risk_after = min(settings.at_risk_after_days, settings.churn_after_days)
    return [
        _predicted(customer, Fraction(settings.churn_after_days), Fraction(at_risk_after))
        for customer in customers
    ]


def shop_percentile(customers: list[Customer], settings: Settings) -> list[Prediction]:
    """Longer than most of the intervals that this shop has seen."""
    intervals = _intervals_of(customers)
    threshold = percentile(intervals, settings.churn_percentile)
    at_risk_threshold = percentile(intervals, settings.at_risk_percentile)
    if threshold is None or at_risk_threshold is None:
        threshold = Fraction(settings.churn_after_days)
        at_risk_threshold = Fraction(settings.at_risk_after_days)
    return [_predicted(customer, threshold, at_risk_threshold) for customer in customers]


def customer_interval(customers: list[Customer], settings: Settings) -> list[Prediction]:
    """So many times the usual interval of the customer, of their channel, or of the shop."""
    predictions = []
    for customer in customers:
        threshold, _ = interval_threshold(customer, customers, settings)
        at_risk_threshold = settings.at_risk_interval_share * threshold
        predictions.append(_predicted(customer, threshold, at_risk_threshold))
    return predictions


def interval_threshold(
    customer: Customer, customers: list[Customer], settings: Settings
) -> tuple[Fraction, str]:
    """The threshold of one customer, and whose intervals it is made of."""
    of_channel = _intervals_of([one for one in customers if one.channel == customer.channel])
    of_shop = _intervals_of(customers)
    if len(customer.intervals) >= OWN_INTERVALS_NEEDED:
        intervals, source = list(customer.intervals), "own"
    elif len(of_channel) >= CHANNEL_INTERVALS_NEEDED:
        intervals, source = of_channel, "channel"
    else:
        intervals, source = of_shop, "shop"
    usual = median(intervals)
    if usual is None:
        threshold, source = Fraction(settings.churn_after_days), "window"
    else:
        threshold = settings.churn_interval_multiplier * usual
    floor, ceiling = settings.churn_interval_floor_days, settings.churn_interval_ceiling_days
    return min(max(threshold, Fraction(floor)), Fraction(ceiling)), source


METHODS: dict[str, Callable[[list[Customer], Settings], list[Prediction]]] = {
    "fixed_window": fixed_window,
    "shop_percentile": shop_percentile,
    "customer_interval": customer_interval,
}


def _intervals_of(customers: Iterable[Customer]) -> list[int]:
    return [days for customer in customers for days in customer.intervals]


def back_test_days(sales: Iterable[Sale], as_of: date | None, settings: Settings) -> list[date]:
    """The ends of calendar quarters by which there was an order and whose outcome is known."""
    first_days = [history[0].order_date for history in sales_by_customer(sales).values()]
    if as_of is None or not first_days:
        return []
    days = []
    quarter = period_of(min(first_days), "quarter", settings.week_start)
    while quarter.end + timedelta(days=settings.churn_after_days) <= as_of:
        days.append(quarter.end)
        quarter = quarter.after()
    return days


def customers_on(day: date, sales: Iterable[Sale], settings: Settings) -> list[Customer]:
    """Everybody who had ordered by the day."""
    customers = []
    for customer_id, history in sales_by_customer(sales).items():
        days = order_days(history)
        before = [order_day for order_day in days if order_day <= day]
        if not before:
            continue
        last_day = day + timedelta(days=settings.churn_after_days)
        customers.append(
            Customer(
                customer_id=customer_id,
                channel=history[0].sales_channel or UNKNOWN,
                idle=(day - before[-1]).days,
                intervals=tuple((later - earlier).days for earlier, later in pairwise(before)),
                has_churned=not any(day < order_day <= last_day for order_day in days),
            )
        )
    return customers


def rpt_churn_methods(sales: Iterable[Sale], as_of: date | None, settings: Settings) -> list[Row]:
    """Each method on each day of the back-test. `sales` are the counted orders up to as_of."""
    sales = list(sales)
    rows = []
    for day in back_test_days(sales, as_of, settings):
        customers = customers_on(day, sales, settings)
        for method, predict in METHODS.items():
            predictions = predict(customers, settings)
            rows.append(
                {"as_of_date": day, "method": method, **_verdict(customers, predictions)}
            )
    return rows


def _verdict(customers: list[Customer], predictions: list[Prediction]) -> Row:
    """How many were called churned, how many were, and how many of both."""
    pairs = list(zip(customers, predictions, strict=True))
    predicted = sum(prediction.is_churned for prediction in predictions)
    churned = sum(customer.has_churned for customer in customers)
    true_positives = sum(c.has_churned and p.is_churned for c, p in pairs)
    right = sum(c.has_churned == p.is_churned for c, p in pairs)
    thresholds = [prediction.threshold for prediction in predictions]
    return {
        "customers": len(customers),
        "predicted_churned": predicted,
        "predicted_at_risk": sum(prediction.is_at_risk for prediction in predictions),
        "churned": churned,
        "true_positives": true_positives,
        "precision": ratio(true_positives, predicted),
        "recall": ratio(true_positives, churned),
        "accuracy": ratio(right, len(customers)),
        "predicted_churn_rate": ratio(predicted, len(customers)),
        "churn_rate": ratio(churned, len(customers)),
        "calibration": ratio(predicted, churned),
        "threshold_days": as_float(median(thresholds)),
    }
