"""The retail calendar against one that was written down from its definition, day by day.

Compiled SQL runs on a database of three rows: nothing is built.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pytest

from harness import DATABASE_NAME, Project

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
# Each month and each weekday, two of them well known: weeks from Monday with January are those of
# ISO 8601, weeks from Sunday with February the calendar of the National Retail Federation.
SETTINGS = [(WEEKDAYS[-(month - 1) % 7], month) for month in range(1, 13)]
FIRST_YEAR, LAST_YEAR = 1998, 2048

MONTHS = {"445": (4, 4, 5), "454": (4, 5, 4), "544": (5, 4, 4)}

Days = dict[date, dict[str, object]]


def year_starts(week_start: str, month: int) -> Iterator[tuple[int, date]]:
    """Each retail year's first day, and the calendar year in which its fiscal year ends."""
    for year in range(FIRST_YEAR - 2, LAST_YEAR + 4):
        first_of_the_month = date(year, month, 1)
        nearby = [first_of_the_month + timedelta(days) for days in range(-3, 4)]
        (start,) = [day for day in nearby if WEEKDAYS[day.weekday()] == week_start]
        yield (year if month == 1 else year + 1), start


def expected_days(week_start: str, month: int) -> Days:
    """Every day's place in the retail calendar, by counting through the months of each year."""
    starts = list(year_starts(week_start, month))
    days: Days = {}
    for (number, start), (_, next_start) in zip(starts, starts[1:], strict=False):
        weeks = (next_start - start).days // 7
        assert (next_start - start).days % 7 == 0 and weeks in (52, 53)
        month_of_week = {}
        for name, quarter in MONTHS.items():
            lengths = [*quarter * 4]
            lengths[-1] += weeks - 52
            month_of_week[name] = [
                place for place, length in enumerate(lengths, start=1) for _ in range(length)
            ]
        for index in range(weeks * 7):
            week = index // 7
            days[start + timedelta(index)] = {
                "retail_year_start": start,
                "retail_year_end": next_start - timedelta(1),
                "retail_year_number": number,
                "retail_week_number": week + 1,
                "retail_quarter_number": (month_of_week["445"][week] + 2) // 3,
                **{f"retail_month_number_{name}": month_of_week[name][week] for name in MONTHS},
            }
    return days


def found_days(project: Project, week_start: str, month: int) -> Days:
    """The same columns of dim_dates, with orders on the first and the last day."""
    settings = json.dumps({"week_start": week_start, "fiscal_year_start_month": month})
    result, output = project._invoke(
        ["compile", "--select", "dim_dates", "--no-populate-cache", "--vars", settings],
        project.manifest.deepcopy(),
        project.scratch / "parse" / DATABASE_NAME,
        project.scratch,
    )
    assert result.success, output
    with duckdb.connect() as connection:
        connection.execute(f"""
            attach ':memory:' as warehouse;
            create schema warehouse.marts;
            create schema warehouse.intermediate;
            create table warehouse.marts.fct_orders as
                select date '{FIRST_YEAR}-06-01' as order_date
                union all select date '{LAST_YEAR}-06-01';
            create table warehouse.marts.fct_loyalty_transactions (occurred_date date);
            create table warehouse.intermediate.int_loyalty_memberships (occurred_date date);
            create table warehouse.marts.fct_refunds (refund_date date);
            create table warehouse.intermediate.int_as_of (as_of_date date);
        """)
        cursor = connection.execute(result.result.results[0].node.compiled_code)
        names = [column[0] for column in cursor.description]
        days = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {
        day["date_day"]: {name: day[name] for name in names if name.startswith("retail_")}
        for day in days
    }


@pytest.mark.parametrize(("week_start", "month"), SETTINGS)
def test_the_retail_calendar_of_fifty_years(project: Project, week_start: str, month: int) -> None:
    found = found_days(project, week_start, month)
    assert min(found) == date(FIRST_YEAR - 1, 1, 1)
    assert max(found) == date(LAST_YEAR + 1, 12, 31)
    expected = expected_days(week_start, month)
    assert {day: (place, expected[day]) for day, place in found.items() if place != expected[day]} == {}


def test_all_settings_are_taken() -> None:
    assert {week_start for week_start, _ in SETTINGS} == set(WEEKDAYS)
    assert ("monday", 1) in SETTINGS and ("sunday", 2) in SETTINGS


def test_weeks_from_monday_and_january_are_those_of_iso_8601() -> None:
    """Guards the expectation itself, with a calendar that Python brings along."""
    for day, place in expected_days("monday", 1).items():
        iso = day.isocalendar()
        assert (place["retail_year_number"], place["retail_week_number"]) == (iso.year, iso.week)


def test_years_of_53_weeks_are_those_of_the_national_retail_federation() -> None:
    """2000, 2006, 2012, 2017 and 2023, by its count: ours names the year in which they end."""
    days = expected_days("sunday", 2)
    long_years = {
        place["retail_year_number"] - 1
        for place in days.values()
        if place["retail_week_number"] == 53 and 2000 <= place["retail_year_number"] - 1 <= 2024
    }
    assert long_years == {2000, 2006, 2012, 2017, 2023}
