"""What a random shop is drawn with: days and moments that hurt, versions, choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from reference import Settings

Row = dict[str, Any]

FIRST_DAY = date(2023, 10, 1)
LAST_DAY = date(2025, 3, 31)
LOADED_AT = datetime(2025, 6, 1, tzinfo=UTC)

# Ends of weeks, months and years; a leap day; the nights when clocks change.
SPECIAL_DAYS = [
    date(2023, 10, 1),
    date(2023, 11, 5),
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2024, 3, 10),
    date(2024, 3, 31),
    date(2024, 6, 30),
    date(2024, 7, 1),
    date(2024, 10, 27),
    date(2024, 11, 3),
    date(2024, 12, 29),
    date(2024, 12, 30),
    date(2025, 1, 1),
]
SPECIAL_TIMES = [
    time(12),
    time(0),
    time(23, 59, 59, 999999),
    time(0, 0, 0, 1),
    time(1, 30),
    time(2, 30),
    time(22, 15),
]


def local_instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a local time; whatever instant a time that the clock skips maps to."""
    local = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def _clamped(day: date) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY)


def _gaps(settings: Settings) -> list[int]:
    """Days between two orders: the same day, around a month, around the day of churn."""
    churn_day = settings.churn_after_days + 1
    around = [churn_day - 1, churn_day, churn_day + 1, churn_day + 2]
    return [0, 0, 1, 3, 7, 20, 28, 29, 30, 31, 62, *around, 1, 7, 90, 182]


def later(at: datetime, days: int | None) -> datetime | None:
    """So many days on; nothing where no number is given."""
    return None if days is None else at + timedelta(days=days)


def load_columns(number: int) -> Row:
    """When the row changed and arrived: every third row leaves the change out."""
    loaded_at = LOADED_AT + timedelta(minutes=10 * number)
    updated_at = None if number % 3 == 2 else loaded_at - timedelta(days=1)
    return {"updated_at": updated_at, "_loaded_at": loaded_at}


@dataclass
class Draw:
    """The choices of one shop, by its own number, in the ways of its raw zone."""

    random: Random
    number: int
    settings: Settings
    is_text: bool

    @property
    def country(self) -> str:
        return f"S{self.number:02d}"

    def pick(self, choices: Sequence[Any]) -> Any:
        """One of the choices; what is likely stands there more than once."""
        return self.random.choice(choices)

    def rarely(self, choices: Sequence[Row], odds: int) -> Row:
        """Nothing, or once in `odds` + 1 times one of the choices."""
        return self.pick(choices) if self.pick([False] * odds + [True]) else {}

    def day_after(self, day: date | None) -> date:
        """A special day, or some days after the day before."""
        if day is None or self.pick([False, False, True]):
            near_as_of = self.settings.as_of_date
            around = [near_as_of + timedelta(days=n) for n in (-1, 0, 1)] if near_as_of else []
            return self.pick(SPECIAL_DAYS + around)
        return _clamped(day + timedelta(days=self.pick(_gaps(self.settings))))

    def instant(self, day: date) -> datetime:
        return local_instant(day, self.pick(SPECIAL_TIMES), self.settings.reporting_timezone)

    def floated(self, identifier: str | None) -> str | None:
        """A numeric id as a spreadsheet may write it."""
        if self.is_text and identifier and identifier.isdigit() and self.pick([False, True]):
            return f"{identifier}.0"
        return identifier

    def versions(self, row: Row, changes: Sequence[Row]) -> list[Row]:
        """The row, rarely a second version: the same again, an older, a newer, a tie."""
        kind = self.pick([None] * 9 + ["again", "older", "newer", "loaded later"])
        if kind is None:
            return [row]
        if kind == "again":
            return [row, dict(row)]
        second = row | self.pick(changes)
        hours = timedelta(hours={"older": -1, "newer": 1, "loaded later": 0}[kind])
        if isinstance(row["updated_at"], datetime):
            second["updated_at"] = row["updated_at"] + hours
        second["_loaded_at"] = row["_loaded_at"] + timedelta(minutes=5)
        return [second, row] if self.pick([False, True]) else [row, second]
