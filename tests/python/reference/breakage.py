"""What becomes of points in the end: vintages, what they are expected to cost, what is owed.

Everything is exact here; the rates of a warehouse are doubles, see test_properties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from reference.lots import CANCELLED, EXPIRED, NOTHING, REDEEMED, Account, Lot
from reference.periods import ONE_DAY, Period
from reference.programs import Estimate, Estimates
from reference.raw import Row
from reference.statistics import ratio

ALL_REDEEMED = Fraction(1)


def month_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_end(month: date) -> date:
    return next_month(month) - ONE_DAY


def months_apart(first: date, later: date) -> int:
    return 12 * (later.year - first.year) + later.month - first.month


def months_after(month: date, number: int) -> date:
    years, of_year = divmod(month.month - 1 + number, 12)
    return date(month.year + years, of_year + 1, 1)


@dataclass(frozen=True)
class State:
    """What became of some lots by a day."""

    issued: Fraction
    redeemed: Fraction
    expired: Fraction
    cancelled: Fraction

    @property
    def outstanding(self) -> Fraction:
        return self.issued - self.redeemed - self.expired - self.cancelled

    @property
    def kept(self) -> Fraction:
        return self.issued - self.cancelled

    def capped(self, redeemed_in_the_end: Fraction) -> Fraction:
        """What is gone can't be redeemed, and what is redeemed was."""
        highest = self.redeemed + self.outstanding
        return min(max(redeemed_in_the_end, self.redeemed), highest)


def state_of(lots: Iterable[Lot], day: date) -> State:
    """Of the lots that are there on the day."""
    there = [lot for lot in lots if lot.earned_date <= day]
    gone = [
        sum((Fraction(lot.used(kind, day)) for lot in there), Fraction(0))
        for kind in (REDEEMED, EXPIRED, CANCELLED)
    ]
    return State(sum((Fraction(lot.points) for lot in there), Fraction(0)), *gone)


@dataclass
class Program:
    """The lots of a programme by the month in which they were earned, as far as known at as_of."""

    program_id: str
    as_of: date
    estimates: Estimates
    vintages: dict[date, list[Lot]] = field(default_factory=dict)
    states: dict[tuple[date, int], State] = field(default_factory=dict)

    def state(self, vintage: date, age: int) -> State:
        """At the end of the month in which the vintage had that age, or at as_of in it."""
        key = vintage, age
        if key not in self.states:
            day = min(month_end(months_after(vintage, age)), self.as_of)
            self.states[key] = state_of(self.vintages[vintage], day)
        return self.states[key]

    def ultimate(self, vintage: date, age: int) -> tuple[Fraction | None, str]:
        """The share of a vintage that will have been redeemed in the end, as seen at that age."""
        month = months_after(vintage, age)
        state = self.state(vintage, age)
        day = min(month_end(month), self.as_of)
        estimate = self.estimates.on(self.program_id, day)
        if estimate:
            redeemed, source = estimate.rate * state.kept, estimate.source
        elif not self._is_anything_known(month):
            redeemed, source = ALL_REDEEMED * state.kept, "none"
        else:
            redeemed, source = self._chain_ladder(vintage, age, month), "chain_ladder"
        rate = state.capped(redeemed) / state.kept if state.kept else None
        return rate, source

    def _complete(self, month: date) -> date:
        """The last month that is over, as seen in a month."""
        is_over = month_end(month) <= self.as_of
        return month if is_over else months_after(month, -1)

    def _pairs(self, month: date) -> list[tuple[date, int]]:
        """Vintages and ages of which the next age is complete too."""
        last = self._complete(month)
        return [
            (vintage, age)
            for vintage in self.vintages
            for age in range(max(months_apart(vintage, last), 0))
        ]

    def _is_anything_known(self, month: date) -> bool:
        """Else nobody has redeemed in a month that is over and no lot has ended: all may be."""
        day = month_end(self._complete(month))
        return bool(self._pairs(month)) and any(
            state.redeemed or state.expired
            for state in (state_of(lots, day) for lots in self.vintages.values())
        )

    def _chain_ladder(self, vintage: date, age: int, month: date) -> Fraction:
        redeemed = self.state(vintage, age).redeemed
        pairs = self._pairs(month)
        last_age = max(one for _, one in pairs) + 1
        if redeemed:
            for step in range(age, last_age + 1):
                redeemed *= self._link_ratio(step, pairs)
            return redeemed
        share = Fraction(0)
        for later in range(age + 1, last_age + 1):
            seen = [one for one, before in pairs if before == later - 1]
            came = sum(
                self.state(one, later).redeemed - self.state(one, later - 1).redeemed
                for one in seen
            )
            issued = sum(self.state(one, later).issued for one in seen)
            share += Fraction(came) / issued if issued else 0
        return share * self.state(vintage, age).issued

    def _link_ratio(self, age: int, pairs: list[tuple[date, int]]) -> Fraction:
        seen = [vintage for vintage, one in pairs if one == age]
        before = sum((self.state(vintage, age).redeemed for vintage in seen), Fraction(0))
        after = sum((self.state(vintage, age + 1).redeemed for vintage in seen), Fraction(0))
        return after / before if before else Fraction(1)

    # ------------------------------------------------------------ what was expected when

    def rate_at_issue(self, lot: Lot) -> Fraction:
        """As estimated on the day of the lot; else by the youngest vintage before its month."""
        estimate = self.estimates.on(self.program_id, lot.earned_date)
        if estimate:
            return estimate.rate
        month = months_after(month_of(lot.earned_date), -1)
        for vintage in sorted(self.vintages, reverse=True):
            if vintage <= month:
                rate, _ = self.ultimate(vintage, months_apart(vintage, month))
                if rate is not None:
                    return rate
        return ALL_REDEEMED

    def rate_on(self, day: date, vintage: date, lots: list[Lot]) -> Fraction:
        """What share of a vintage's lots is expected to be redeemed, as seen on a day."""
        estimate: Estimate | None = self.estimates.on(self.program_id, day)
        if estimate:
            return estimate.rate
        month = month_of(day)
        if month_end(month) > day:
            month = months_after(month, -1)
        if month >= vintage:
            rate, _ = self.ultimate(vintage, months_apart(vintage, month))
            return Fraction(0) if rate is None else rate
        points = sum(Fraction(lot.points) for lot in lots)
        return sum(Fraction(lot.points) * self.rate_at_issue(lot) for lot in lots) / points


def programs_of(
    accounts: Mapping[tuple[str, str], Account], estimates: Estimates, as_of: date | None
) -> dict[str, Program]:
    """Each programme with a lot by as_of."""
    programs: dict[str, Program] = {}
    for account in accounts.values() if as_of else ():
        for lot in account.lots:
            if lot.earned_date <= as_of:
                program = programs.setdefault(
                    account.program_id, Program(account.program_id, as_of, estimates)
                )
                program.vintages.setdefault(month_of(lot.earned_date), []).append(lot)
    return programs


def _points(number: Fraction) -> Decimal:
    """Sums of points have four places; so many digits stay exact."""
    return Decimal(number.numerator) / Decimal(number.denominator)


def rpt_points_vintages(programs: Mapping[str, Program]) -> list[Row]:
    """Each month's lots at each age."""
    rows = []
    for program_id, program in programs.items():
        for vintage in program.vintages:
            for age in range(months_apart(vintage, program.as_of) + 1):
                state = program.state(vintage, age)
                rate, source = program.ultimate(vintage, age)
                rows.append(
                    {
                        "program_id": program_id,
                        "vintage_month": vintage,
                        "age_months": age,
                        "points_issued": _points(state.issued),
                        "points_redeemed": _points(state.redeemed),
                        "points_expired": _points(state.expired),
                        "points_cancelled": _points(state.cancelled),
                        "points_outstanding": _points(state.outstanding),
                        "redemption_rate": ratio(state.redeemed, state.issued),
                        "ultimate_redemption_rate": None if rate is None else float(rate),
                        "breakage_rate": None if rate is None else float(1 - rate),
                        "estimate_source": source,
                    }
                )
    return rows


# ---------------------------------------------------------------- the liability


@dataclass
class Owed:
    """What a programme owes for its lots, from day to day."""

    program: Program
    point_value: Fraction
    # What each purchase lot defers, by its id; fixed at issue.
    deferred: Mapping[str, Fraction]
    seen: dict[date, dict[str, Fraction]] = field(default_factory=dict)

    def on(self, day: date) -> dict[str, Fraction]:
        if day not in self.seen:
            self.seen[day] = self._on(day)
        return self.seen[day]

    def _on(self, day: date) -> dict[str, Fraction]:
        names = ("issued", "reversed", "recognised", "accrual", "expected", "kept")
        totals = dict.fromkeys(names, Fraction(0))
        for vintage, lots in self.program.vintages.items():
            there = [lot for lot in lots if lot.earned_date <= day]
            for is_purchase in (True, False):
                part = [lot for lot in there if lot.is_purchase() == is_purchase]
                if not part:
                    continue
                state = state_of(part, day)
                rate = self.program.rate_on(day, vintage, part)
                expected = state.capped(rate * state.kept)
                totals["expected"] += expected
                totals["kept"] += state.kept
                if not is_purchase:
                    totals["accrual"] += (expected - state.redeemed) * self.point_value
                    continue
                issued = sum((self._deferred(lot) for lot in part), Fraction(0))
                gone = sum((self._reversed(lot, day) for lot in part), Fraction(0))
                share = state.redeemed / expected if expected else Fraction(1)
                totals["issued"] += issued
                totals["reversed"] += gone
                totals["recognised"] += (issued - gone) * share
        return totals

    def _deferred(self, lot: Lot) -> Fraction:
        return self.deferred[lot.entry["loyalty_transaction_id"]]

    def _reversed(self, lot: Lot, day: date) -> Fraction:
        return self._deferred(lot) * Fraction(lot.used(CANCELLED, day)) / Fraction(lot.points)


def deferred_at_issue(
    programs: Mapping[str, Program], point_values: Mapping[str, Fraction], orders: Mapping[str, Row]
) -> dict[str, Fraction]:
    """The share of its order's price that each purchase lot stands for."""
    alone: dict[str, Fraction] = {}
    of_order: dict[str | None, Fraction] = {}
    lots = []
    for program_id, program in programs.items():
        for lot in (lot for vintage in program.vintages.values() for lot in vintage):
            if lot.is_purchase():
                price = Fraction(lot.points) * point_values[program_id] * program.rate_at_issue(lot)
                order_id = lot.entry["order_id"]
                alone[lot.entry["loyalty_transaction_id"]] = price
                of_order[order_id] = of_order.get(order_id, Fraction(0)) + price
                lots.append(lot)
    deferred = {}
    for lot in lots:
        lot_id, order_id = lot.entry["loyalty_transaction_id"], lot.entry["order_id"]
        if order_id not in orders:
            deferred[lot_id] = alone[lot_id]
            continue
        paid = Fraction(orders[order_id]["gross_sales"] - orders[order_id]["discounts"])
        total = paid + of_order[order_id]
        deferred[lot_id] = paid * alone[lot_id] / total if total else Fraction(0)
    return deferred


def rpt_points_liability(
    programs: Mapping[str, Program],
    accounts: Mapping[tuple[str, str], Account],
    program_rows: Iterable[Row],
    orders: Mapping[str, Row],
    spine: Iterable[tuple[Period, str]],
    as_of: date | None,
) -> list[Row]:
    """Each programme in each period. `spine` as in rpt_loyalty_by_period."""
    point_values = {row["program_id"]: Fraction(row["point_value"]) for row in program_rows}
    # An order of which as_of does not know yet has no price.
    known = {key: row for key, row in orders.items() if as_of and row["order_date"] <= as_of}
    deferred = deferred_at_issue(programs, point_values, known)
    owed = {
        program_id: Owed(program, point_values[program_id], deferred)
        for program_id, program in programs.items()
    }
    return [
        {
            "period_grain": period.grain,
            "period_start": period.start,
            "period_end": period.end,
            "program_id": program_id,
            "is_complete": period.end <= as_of,
            "points_uncovered": sum(
                (
                    account.uncovered_by(min(period.end, as_of))
                    for account in accounts.values()
                    if account.program_id == program_id
                ),
                NOTHING,
            ),
            **_liability(owed.get(program_id), period),
        }
        for period, program_id in spine
    ]


def _liability(owed: Owed | None, period: Period) -> Row:
    if owed is None:
        names = ("deferred_at_issue", "deferred_reversed", "revenue_recognised")
        nothing = dict.fromkeys((*names, "deferred_revenue", "cost_accrual"), 0.0)
        return {"points_outstanding": NOTHING, "expected_redemption_rate": None, **nothing}
    day = min(period.end, owed.program.as_of)
    now, before = owed.on(day), owed.on(period.start - ONE_DAY)
    lots = [lot for vintage in owed.program.vintages.values() for lot in vintage]
    return {
        "points_outstanding": _points(state_of(lots, day).outstanding),
        "deferred_at_issue": float(now["issued"] - before["issued"]),
        "deferred_reversed": float(now["reversed"] - before["reversed"]),
        "revenue_recognised": float(now["recognised"] - before["recognised"]),
        "deferred_revenue": float(now["issued"] - now["reversed"] - now["recognised"]),
        "cost_accrual": float(now["accrual"]),
        "expected_redemption_rate": ratio(now["expected"], now["kept"]),
    }
