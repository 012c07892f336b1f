"""The vars of the project, with the contract's defaults, and the seed of status words."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[3]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The vars that are given as decimal numbers and reckoned with exactly.
EXACT_RATIOS = (
    "expected_lifespan_years",
    "gross_margin_rate",
    "point_value",
    "churn_percentile",
    "at_risk_percentile",
    "churn_interval_multiplier",
    "at_risk_interval_share",
)


class Status(NamedTuple):
    """What a status word means: does the order count, and was it called off."""

    is_counted: bool
    is_cancelled: bool


def read_statuses(path: Path = REPOSITORY / "seeds" / "order_statuses.csv") -> dict[str, Status]:
    """The seed that users edit: status words and their meaning."""
    with path.open(newline="", encoding="utf-8") as lines:
        return {
            row["status"].strip().lower(): Status(
                is_counted=row["is_counted"].strip().lower() == "true",
                is_cancelled=row["is_cancelled"].strip().lower() == "true",
            )
            for row in csv.DictReader(lines)
        }


@dataclass(frozen=True)
class Settings:
    """The vars of a build. `as_of_date` None: the latest local order date of accepted orders."""

    as_of_date: date | None = None
    reporting_timezone: str = "UTC"
    raw_timezone: str = "UTC"
    week_start: str = "monday"
    fiscal_year_start_month: int = 1
    reporting_currency: str = "USD"
    period_grains: tuple[str, ...] = ("week", "month", "quarter", "year")
    segments: tuple[str, ...] = ("country_code", "acquisition_channel", "first_sales_channel")
    churn_after_days: int = 90
    at_risk_after_days: int = 45
    rolling_bucket_days: tuple[int, ...] = (7, 30)
    sparse_customers: int = 30
    churn_percentile: Fraction = Fraction(4, 5)
    at_risk_percentile: Fraction = Fraction(2, 5)
    churn_interval_multiplier: Fraction = Fraction(2)
    churn_interval_floor_days: int = 14
    churn_interval_ceiling_days: int = 365
    at_risk_interval_share: Fraction = Fraction(1, 2)
    expected_lifespan_years: Fraction = Fraction(3)
    gross_margin_rate: Fraction = Fraction(1)
    point_value: Fraction = Fraction(1, 100)
    # posted or computed, by programme.
    points_expiry: Mapping[str, str] = field(default_factory=dict)
    max_customers_per_email: int = 1
    item_gap_tolerance: Decimal = Decimal("0.01")
    statuses: Mapping[str, Status] = field(default_factory=read_statuses)
    # The contract says that an e-mail is hashed with a key, not how: whoever compares with a build
    # gives the build's own hash. Without it an e-mail stands for itself.
    hash_email: Callable[[str], str] = str
    # The one use of the clock: an order may not lie in the future of the run.
    run_started_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))

    @classmethod
    def from_vars(cls, variables: Mapping[str, Any] | None) -> Settings:
        """Settings from what a user would give dbt as --vars."""
        given = dict(variables or {})
        if "as_of_date" in given:
            given["as_of_date"] = (
                date.fromisoformat(given["as_of_date"]) if given["as_of_date"] else None
            )
        if "reporting_currency" in given:
            given["reporting_currency"] = given["reporting_currency"].upper()
        for name in ("period_grains", "segments", "rolling_bucket_days"):
            if name in given:
                given[name] = tuple(given[name])
        for name in EXACT_RATIOS:
            if name in given:
                given[name] = Fraction(str(given[name]))
        if "item_gap_tolerance" in given:
            given["item_gap_tolerance"] = Decimal(str(given["item_gap_tolerance"]))
        return cls(**given)
