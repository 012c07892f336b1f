"""What a loyalty programme adds, from the definition: loops over customers, pairs and strata."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log, sqrt
from statistics import fmean, variance

from reference.statistics import DEVIATE

# Days since the first order: the last day of each class.
AGE_CLASSES = (7, 15, 30, 60, 90, 120, 180, 240, 365, 545, 730, 1095, 36525)
Z = float(DEVIATE)
UNKNOWN = "unknown"


@dataclass(frozen=True)
class OrderDay:
    """A customer's counted orders of one local date."""

    day: date
    orders: int
    net_sales: float


@dataclass(frozen=True)
class Pair:
    """Two intervals between order days, before and after something, and what to match on."""

    customer_id: str
    is_member: bool
    narrow: tuple
    wide: tuple
    age: int
    days_before: int
    days_after: int
    net_sales_before: float
    net_sales_after: float

    @property
    def change(self) -> float:
        return log(self.days_before / self.days_after)


def age_class(age: int) -> int:
    return min(last for last in AGE_CLASSES if age <= last)


def order_rates(histories: Mapping[str, list[OrderDay]], as_of: date) -> dict[int, float]:
    """Order days per customer and day, by class of days since the first order."""
    lived: dict[int, int] = defaultdict(int)
    ordered: dict[int, int] = defaultdict(int)
    for history in histories.values():
        first = history[0].day
        known = (as_of - first).days
        after = 0
        for last in AGE_CLASSES:
            lived[last] += max(0, min(known, last) - after)
            after = last
        for order_day in history[1:]:
            ordered[age_class((order_day.day - first).days)] += 1
    return {last: days / lived[last] for last, days in ordered.items()}


def pairs_of(
    program_id: str,
    histories: Mapping[str, list[OrderDay]],
    channels: Mapping[str, str | None],
    enrolled: Mapping[tuple[str, str], date],
    as_of: date,
    window_days: int,
) -> list[Pair]:
    """Pairs around the enrolment, and around order days of who had not enrolled when the pair ended."""
    everything = [order_day.net_sales for history in histories.values() for order_day in history]
    usual = fmean(everything) if everything else 0
    others: dict[str, list[date]] = defaultdict(list)
    for (program, customer_id), day in enrolled.items():
        if program != program_id:
            others[customer_id].append(day)
    window = timedelta(days=window_days)
    found = []
    for customer_id, history in histories.items():
        enrolled_on = enrolled.get((program_id, customer_id))
        for number in range(len(history) - 2):
            opening, second, third = history[number : number + 3]
            from_day, last = second, third
            if enrolled_on is None or third.day <= enrolled_on:
                is_member = False
            elif second.day <= enrolled_on:
                is_member = True
                if second.day < enrolled_on:
                    if number + 3 == len(history):
                        continue
                    from_day, last = third, history[number + 3]
            else:
                continue
            before, after = second.day - opening.day, last.day - from_day.day
            if max(before, after) > window or opening.day + window > as_of:
                continue
            if any(opening.day < day < last.day for day in others[customer_id]):
                continue
            wide = (opening.day.replace(day=1), _frequency(number))
            tenure = (opening.day - history[0].day).days
            narrow = (
                *wide,
                _tenure(number, tenure),
                _money([one.net_sales for one in history[:number]], usual),
                channels.get(customer_id) or UNKNOWN,
            )
            age = (last.day - history[0].day).days
            found.append(
                Pair(
                    customer_id, is_member, narrow, wide, age, before.days, after.days,
                    opening.net_sales, last.net_sales,
                )
            )  # fmt: skip
    return found


def _frequency(earlier: int) -> str:
    return str(earlier) if earlier <= 1 else "2-3" if earlier <= 3 else "4+"


def _tenure(earlier: int, days: int) -> str:
    if earlier == 0:
        return "0"
    return "1-90" if days <= 90 else "91-365" if days <= 365 else "366+"


def _money(earlier: list[float], usual: float) -> str:
    if not earlier:
        return "none"
    return "above" if sum(earlier) >= len(earlier) * usual else "below"


def weighted(pairs: list[Pair], rates: Mapping[int, float]) -> list[tuple[Pair, float]]:
    """Members at their own weight, 0 without a control; the controls of a stratum at that of its members."""
    own = [(pair, 1 / rates[age_class(pair.age)]) for pair in pairs]
    members, controls = defaultdict(float), defaultdict(float)
    for pair, weight in own:
        for stratum in (pair.narrow, pair.wide):
            (members if pair.is_member else controls)[stratum] += weight
    left: dict[tuple, float] = defaultdict(float)
    for pair, weight in own:
        if pair.is_member and pair.narrow not in controls:
            left[pair.wide] += weight
    result = []
    for pair, weight in own:
        if pair.is_member:
            result.append((pair, weight if pair.wide in controls else 0.0))
            continue
        share = members[pair.narrow] / controls[pair.narrow] + left[pair.wide] / controls[pair.wide]
        if share > 0:
            result.append((pair, weight * share))
    return result


def _mean(pairs: list[tuple[Pair, float]], value) -> float:
    return sum(weight * value(pair) for pair, weight in pairs) / sum(weight for _, weight in pairs)


def effect(matches: list[tuple[Pair, float]], metric: str) -> tuple[float | None, float | None]:
    """The difference in differences of logarithms, and its standard error by customers."""
    used = [(pair, weight) for pair, weight in matches if weight > 0]
    total, shares = 0.0, defaultdict(float)
    sizes = []
    for is_member, sign in ((True, 1), (False, -1)):
        side = [(pair, weight) for pair, weight in used if pair.is_member == is_member]
        if not side:
            return None, None
        change = _mean(side, lambda pair: pair.change)
        before = _mean(side, lambda pair: pair.net_sales_before)
        after = _mean(side, lambda pair: pair.net_sales_after)
        if metric == "net_sales" and min(before, after) <= 0:
            return None, None
        total += sign * change
        if metric == "net_sales":
            total += sign * log(after / before)
        whole = sum(weight for _, weight in side)
        for pair, weight in side:
            off = pair.change - change
            if metric == "net_sales":
                off += pair.net_sales_after / after - pair.net_sales_before / before
            shares[pair.customer_id] += sign * weight / whole * off
        sizes.append(len({pair.customer_id for pair, _ in side}))
    error = sqrt(sum(share * share for share in shares.values())) if min(sizes) > 1 else None
    return total, error


def windows(
    opened: Mapping[str, date], histories: Mapping[str, list[OrderDay]], as_of: date, window_days: int, metric: str
) -> list[float]:
    """What each customer ordered in the window after a day, where it had passed."""
    window = timedelta(days=window_days)
    return [
        sum(getattr(one, metric) for one in histories.get(customer_id, []) if day < one.day <= day + window)
        for customer_id, day in opened.items()
        if day + window <= as_of
    ]


def rpt_loyalty_lift(
    order_days: Iterable[tuple[str, OrderDay]],
    channels: Mapping[str, str | None],
    enrolled: Mapping[tuple[str, str], date],
    as_of: date,
    window_days: int,
    sparse_customers: int,
) -> list[dict]:
    """`enrolled` holds the first enrolment of a (programme, customer)."""
    histories: dict[str, list[OrderDay]] = defaultdict(list)
    for customer_id, order_day in order_days:
        if order_day.day <= as_of:
            histories[customer_id].append(order_day)
    for history in histories.values():
        history.sort(key=lambda order_day: order_day.day)
    enrolled = {key: day for key, day in enrolled.items() if day <= as_of}
    members_of_any = {customer_id for _, customer_id in enrolled}
    never = {name: history[0].day for name, history in histories.items() if name not in members_of_any}
    rates = order_rates(histories, as_of)
    rows = []
    for program_id in sorted({program for program, _ in enrolled}):
        opened = {customer: day for (program, customer), day in enrolled.items() if program == program_id}
        pairs = pairs_of(program_id, histories, channels, enrolled, as_of, window_days)
        matches = weighted(pairs, rates)
        members = [pair for pair, weight in matches if pair.is_member and weight > 0]
        controls = [pair for pair, _ in matches if not pair.is_member]
        for metric in ("orders", "net_sales"):
            inside = windows(opened, histories, as_of, window_days, metric)
            outside = windows(never, histories, as_of, window_days, metric)
            row = {
                "program_id": program_id,
                "metric": metric,
                "eligible_members": len(inside),
                "members": len(members),
                "members_unmatched": sum(1 for pair, weight in matches if pair.is_member and weight == 0),
                "controls": len({pair.customer_id for pair in controls}),
                "control_intervals": len(controls),
                "non_members": len(outside),
                "is_sparse": len(members) < sparse_customers,
            }
            for name, wanted in (("members", True), ("controls", False)):
                side = [(pair, weight) for pair, weight in matches if pair.is_member == wanted and weight > 0]
                for when in ("before", "after"):
                    row[f"{name}_days_{when}"] = (
                        exp(_mean(side, lambda pair, when=when: log(getattr(pair, f"days_{when}")))) if side else None
                    )
            mean = fmean(inside) if inside else None
            other_mean = fmean(outside) if outside else None
            lift, error = effect(matches, metric)
            row |= _lifts(mean, lift, error)
            has_both = mean is not None and other_mean is not None
            row |= {
                "members_mean_after": mean,
                "non_members_mean_after": other_mean,
                "naive_difference": mean - other_mean if has_both else None,
                "naive_relative_lift": (mean - other_mean) / other_mean if has_both and other_mean else None,
                "naive_standard_error": (
                    sqrt(variance(inside) / len(inside) + variance(outside) / len(outside))
                    if min(len(inside), len(outside)) > 1
                    else None
                ),
            }
            rows.append(row)
    return rows


def _lifts(mean: float | None, lift: float | None, error: float | None) -> dict:
    """The effect in the metric's unit and as a ratio, with its interval."""
    is_known, has_error = lift is not None and mean is not None, error is not None and mean is not None
    return {
        "matched_difference_in_differences": mean * (1 - exp(-lift)) if is_known else None,
        "standard_error": abs(mean) * exp(-lift) * error if has_error else None,
        "lower": mean * (1 - exp(-(lift - Z * error))) if has_error else None,
        "upper": mean * (1 - exp(-(lift + Z * error))) if has_error else None,
        "relative_lift": exp(lift) - 1 if lift is not None else None,
        "relative_lift_lower": exp(lift - Z * error) - 1 if error is not None else None,
        "relative_lift_upper": exp(lift + Z * error) - 1 if error is not None else None,
    }
