"""What a share of few customers is worth, and what lies in the middle of many numbers."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any

from reference.raw import Row
from reference.settings import Settings

# The standard normal deviate that leaves 2.5 % on either side.
DEVIATE = Decimal("1.959963984540054")


def ratio(numerator: Any, denominator: Any) -> float | None:
    """A rate; None where the denominator is 0."""
    return float(Fraction(numerator) / Fraction(denominator)) if denominator else None


@cache
def wilson_interval(successes: int, trials: int) -> tuple[float | None, float | None]:
    """The two shares p from which the observed share lies DEVIATE standard errors away.

    Wilson (1927) asks for them by (observed - p)^2 = z^2 p (1 - p) / n: a quadratic equation in p,
    solved here as such, a p^2 + b p + c = 0.
    """
    if not trials:
        return None, None
    with localcontext() as context:
        context.prec = 50
        square = DEVIATE * DEVIATE
        observed = Decimal(successes) / trials
        a = 1 + square / trials
        b = -(2 * observed + square / trials)
        c = observed * observed
        root = (b * b - 4 * a * c).sqrt()
        lower, upper = (-b - root) / (2 * a), (-b + root) / (2 * a)
        return float(max(lower, Decimal(0))), float(min(upper, Decimal(1)))


def rate_with_interval(
    name: str, successes: int, trials: int, is_known: bool = True
) -> dict[str, float | None]:
    """A rate beside its interval; all three are None while the rate is not known."""
    lower, upper = wilson_interval(successes, trials)
    rate = ratio(successes, trials)
    return {
        name: rate if is_known else None,
        f"{name}_lower": lower if is_known else None,
        f"{name}_upper": upper if is_known else None,
    }


def is_sparse(trials: int, settings: Settings) -> Row:
    """Too few customers for a rate to say much."""
    return {"is_sparse": trials < settings.sparse_customers}


def percentile(numbers: Collection[int | Fraction], share: Fraction) -> Fraction | None:
    """percentile_cont: on the straight line between the two numbers that the place lies between."""
    if not numbers:
        return None
    ordered = sorted(numbers)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return Fraction(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def median(numbers: Collection[int | Fraction]) -> Fraction | None:
    """The middle number, or the mean of the two in the middle."""
    return percentile(numbers, Fraction(1, 2))


def as_float(number: Fraction | None) -> float | None:
    return None if number is None else float(number)
