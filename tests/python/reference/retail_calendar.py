"""The retail calendar: whole weeks, 52 or 53 of them, near a fiscal year."""

from __future__ import annotations

from datetime import date, timedelta

from reference.periods import ONE_DAY
from reference.raw import Row
from reference.settings import WEEKDAYS, Settings

# Weeks in the three months of a quarter.
PATTERNS = {"445": (4, 4, 5), "454": (4, 5, 4), "544": (5, 4, 4)}
WEEKS_IN_QUARTER = 13
LAST_REGULAR_WEEK = 52


def retail_year_start(year: int, settings: Settings) -> date:
    """The week_start day nearest to the first day of the fiscal year that begins in `year`."""
    first = date(year, settings.fiscal_year_start_month, 1)
    near = [first + timedelta(days=distance) for distance in range(-3, 4)]
    return next(day for day in near if day.weekday() == WEEKDAYS.index(settings.week_start))


def retail_days(day: date, settings: Settings) -> Row:
    """The retail columns of one day of dim_dates."""
    begins_in = max(
        year
        for year in (day.year - 1, day.year, day.year + 1)
        if retail_year_start(year, settings) <= day
    )
    start = retail_year_start(begins_in, settings)
    week = (day - start).days // 7 + 1
    # A 53rd week belongs to the last month and quarter.
    regular_week = min(week, LAST_REGULAR_WEEK)
    return {
        "date_day": day,
        "retail_year_start": start,
        "retail_year_end": retail_year_start(begins_in + 1, settings) - ONE_DAY,
        "retail_year_number": begins_in + (settings.fiscal_year_start_month > 1),
        "retail_week_number": week,
        "retail_quarter_number": (regular_week - 1) // WEEKS_IN_QUARTER + 1,
        **{
            f"retail_month_number_{name}": _month(regular_week, weeks)
            for name, weeks in PATTERNS.items()
        },
    }


def _month(week: int, weeks_of_months: tuple[int, ...]) -> int:
    """The month that a week lies in: month by month through the year."""
    month, left = 1, week
    for weeks in weeks_of_months * 4:
        if left <= weeks:
            return month
        month, left = month + 1, left - weeks
    raise ValueError(f"no such week: {week}")
