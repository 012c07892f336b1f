"""Loyalty programmes: declared ones, and those that only orders, points or members know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from reference.raw import Row
from reference.settings import Settings

POSTED, COMPUTED = "posted", "computed"


def dim_loyalty_programs(
    declared: Iterable[Row],
    ledger: Iterable[Row],
    events: Iterable[Row],
    order_rows: Iterable[Row],
    settings: Settings,
) -> list[Row]:
    """Every programme that a row of any of the four tables names."""
    by_id = {row["program_id"]: row for row in declared}
    seen = set(by_id) | {row["program_id"] for row in [*ledger, *events]}
    seen |= {row["loyalty_program_id"] for row in order_rows} - {None}
    defaults = {"program_type": "points", "delivery": "card"}
    defaults |= {"point_value": float(settings.point_value)}
    names = ("program_name", "points_expire_after_days", "expected_redemption_rate")
    return [
        {
            "program_id": program_id,
            **{name: by_id.get(program_id, defaults)[name] for name in defaults},
            **{
                name: by_id.get(program_id, {}).get(name) for name in (*names, "partner_cost_share")
            },
            "is_inferred": program_id not in by_id,
        }
        for program_id in sorted(seen)
    ]


def expiry_mode(program_id: str, ledger: Iterable[Row], settings: Settings) -> str:
    """As the var says; else as the ledger shows, whenever the entry lies."""
    if program_id in settings.points_expiry:
        return settings.points_expiry[program_id]
    is_posted = any(
        entry["program_id"] == program_id and entry["transaction_type"] == "expire"
        for entry in ledger
    )
    return POSTED if is_posted else COMPUTED


class Estimate(NamedTuple):
    """What share of points is expected to be redeemed, and who says so."""

    rate: Fraction
    source: str


@dataclass(frozen=True)
class Estimates:
    """The estimates that people make; the programme's own ones hold where none is in force."""

    dated: Mapping[str, Mapping[date, float]]
    of_programs: Mapping[str, float]

    @classmethod
    def of(cls, estimate_rows: Iterable[Row], declared: Iterable[Row]) -> Estimates:
        dated: dict[str, dict[date, float]] = {}
        for row in estimate_rows:
            of_program = dated.setdefault(row["program_id"], {})
            of_program[row["effective_from"]] = row["expected_redemption_rate"]
        rates = {row["program_id"]: row["expected_redemption_rate"] for row in declared}
        return cls(dated, {name: rate for name, rate in rates.items() if rate is not None})

    def on(self, program_id: str, day: date) -> Estimate | None:
        """The one in force on a day, if any."""
        dated = self.dated.get(program_id, {})
        known = [start for start in dated if start <= day]
        if known:
            return Estimate(Fraction(dated[max(known)]), "redemption_estimates")
        if program_id in self.of_programs:
            return Estimate(Fraction(self.of_programs[program_id]), "program")
        return None
