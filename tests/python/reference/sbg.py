"""The shifted beta geometric distribution (Fader and Hardie 2007), by maximum likelihood.

Each member leaves at the end of a term with a probability of their own, which among all members is
distributed as beta(a, b). Found by golden section search: over how unlike members are, and for each
value of that over the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

GOLDEN = (sqrt(5) - 1) / 2
# Log-odds between which both parameters are looked for.
WIDEST = 16.0
# Log-likelihood by which a maximum must stand out from both ends to be one, or not to be one.
CLEARLY, HARDLY = 1e-3, 1e-6

Counts = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Fit:
    """`exists` None: too near the edge to say."""

    exists: bool | None
    counts: Counts
    alpha: float | None = None
    beta: float | None = None

    def survival(self) -> list[float]:
        return survival_of(self.alpha, self.beta, len(self.counts))


def survival_of(alpha: float, beta: float, tenures: int) -> list[float]:
    """The share that is there after each tenure."""
    rates, rate = [], 1.0
    for tenure in range(1, tenures + 1):
        rate *= (beta + tenure - 1) / (alpha + beta + tenure - 1)
        rates.append(rate)
    return rates


def log_likelihood(alpha: float, beta: float, counts: Counts) -> float:
    """Of (at risk, left) of tenure 1, 2, ..."""
    return sum(
        left * log(alpha)
        + (at_risk - left) * log(beta + tenure - 1)
        - at_risk * log(alpha + beta + tenure - 1)
        for tenure, (at_risk, left) in enumerate(counts, start=1)
    )


def fit_shifted_beta_geometric(counts: Counts) -> Fit:
    """None exists where it could be made likelier for ever."""
    left = sum(one for _, one in counts)
    stayed = sum(at_risk - one for at_risk, one in counts)
    if not left or not stayed or len(counts) < 2:
        return Fit(False, counts)
    unlikeness = _highest(lambda at: _best_mean(at, counts)[1])
    mean, best = _best_mean(unlikeness, counts)
    edges = max(_best_mean(edge, counts)[1] for edge in (-WIDEST, WIDEST))
    if best - edges < CLEARLY:
        return Fit(False if best - edges < HARDLY else None, counts)
    return Fit(True, counts, *_parameters(mean, unlikeness))


def _parameters(mean: float, unlikeness: float) -> tuple[float, float]:
    """From the log-odds of a / (a + b) and of 1 / (a + b + 1)."""
    total = exp(-unlikeness)
    return total / (1 + exp(-mean)), total / (1 + exp(mean))


def _best_mean(unlikeness: float, counts: Counts) -> tuple[float, float]:
    def likelihood(mean: float) -> float:
        return log_likelihood(*_parameters(mean, unlikeness), counts)

    mean = _highest(likelihood)
    return mean, likelihood(mean)


def _highest(curve: Callable[[float], float]) -> float:
    """Where a curve with one summit has it."""
    low, high = -WIDEST, WIDEST
    first, second = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_first, at_second = curve(first), curve(second)
    for _ in range(48):
        if at_first < at_second:
            low, first, at_first = first, second, at_second
            second = low + GOLDEN * (high - low)
            at_second = curve(second)
        else:
            high, second, at_second = second, first, at_first
            first = high - GOLDEN * (high - low)
            at_first = curve(first)
    return (low + high) / 2
