"""Exact money: four places, halves away from zero; rates of exchange by date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

# Far more digits than a product of three amounts has: nothing is rounded but at the end.
EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
REPORTING_RATE = Decimal(1)


def four_places(number: Decimal) -> Decimal:
    """Money: `decimal(18,4)`, a half goes away from zero."""
    return number.quantize(Decimal("0.0001"), context=EXACT)


def twelve_places(number: Decimal) -> Decimal:
    """A rate of exchange: `decimal(19,12)`."""
    return number.quantize(Decimal("0.000000000001"), context=EXACT)


def product(*factors: Decimal) -> Decimal:
    """The exact product of the factors, rounded once to four places."""
    result = Decimal(1)
    for factor in factors:
        result = EXACT.multiply(result, factor)
    return four_places(result)


@dataclass(frozen=True)
class Rates:
    """The rates of each currency by date, without those of the reporting currency itself."""

    reporting_currency: str
    by_currency: Mapping[str, Mapping[date, Decimal]]

    @classmethod
    def of(cls, rate_rows: Iterable[Mapping[str, Any]], reporting_currency: str) -> Rates:
        """Of the accepted rows of exchange_rates."""
        by_currency: dict[str, dict[date, Decimal]] = {}
        for row in rate_rows:
            of_currency = by_currency.setdefault(row["currency"], {})
            of_currency[row["rate_date"]] = row["rate_to_reporting"]
        return cls(reporting_currency, by_currency)

    def on(self, day: date | None, currency: str | None) -> Decimal | None:
        """1 for the reporting currency, else the last known on or before the day, if any."""
        if currency == self.reporting_currency:
            return REPORTING_RATE
        if day is None or currency is None:
            return None
        of_currency = self.by_currency.get(currency, {})
        known = [rate_date for rate_date in of_currency if rate_date <= day]
        return of_currency[max(known)] if known else None
