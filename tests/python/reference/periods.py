"""Calendar periods: the week, month, quarter or year that a local date lies in."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from reference.settings import WEEKDAYS

ONE_DAY = timedelta(days=1)


class Period(NamedTuple):
    """A stretch of local days, both ends inclusive."""

    grain: str
    start: date
    end: date
    week_start: str

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    def before(self) -> Period:
        """The period that ends the day before this one starts."""
        return period_of(self.start - ONE_DAY, self.grain, self.week_start)

    def after(self) -> Period:
        """The period that starts the day after this one ends."""
        return period_of(self.end + ONE_DAY, self.grain, self.week_start)


def _first_day(day: date, grain: str, week_start: str) -> date:
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=(day.weekday() - WEEKDAYS.index(week_start)) % 7)
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    if grain == "year":
        return date(day.year, 1, 1)
    raise ValueError(f"no such grain: {grain}")


@cache
def period_of(day: date, grain: str, week_start: str) -> Period:
    """The period of that grain that holds the day."""
    start = _first_day(day, grain, week_start)
    end = start
    # Walk to the last day that still belongs: no table of month lengths to get wrong.
    while _first_day(end + ONE_DAY, grain, week_start) == start:
        end += ONE_DAY
    return Period(grain, start, end, week_start)


def periods_between(first: date, last: date, grain: str, week_start: str) -> list[Period]:
    """Every period from the one that holds `first` to the one that holds `last`."""
    period = period_of(first, grain, week_start)
    periods = []
    while period.start <= last:
        periods.append(period)
        period = period.after()
    return periods


def periods_apart(first: Period, later: Period) -> int:
    """How many periods `later` lies after `first`."""
    if first.grain in ("day", "week"):
        return (later.start - first.start).days // (7 if first.grain == "week" else 1)
    months = 12 * (later.start.year - first.start.year) + later.start.month - first.start.month
    return months // {"month": 1, "quarter": 3, "year": 12}[first.grain]


def days_from(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included; none where `last` is earlier."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
