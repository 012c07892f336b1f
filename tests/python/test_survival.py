"""The shifted beta geometric distribution against the paper that it comes from, and against its own definition.

Compiled SQL runs on a database of one table: nothing is built.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import duckdb
import pytest

from harness import DATABASE_NAME, Project

# Fader and Hardie 2007, How to project customer retention: of 1,000 customers, who is left after each of seven years.
PUBLISHED = {
    "high end": ([869, 743, 653, 593, 551, 517, 491], 0.668, 3.806),
    "regular": ([631, 468, 382, 326, 289, 262, 241], 0.704, 1.182),
}

# Distributions of which 100,000 members leave no doubt, few and many of them leaving, alike and of two kinds.
KNOWN = [(1.14, 10.8), (1.5, 24.3), (0.7, 33), (6.8, 10.3), (12, 37), (0.6, 50), (0.2, 0.3)]

Tenures = list[tuple[int, int]]


def at_risk_and_left(survivors: Sequence[int]) -> Tenures:
    before = [1000, *survivors]
    return [(start, start - end) for start, end in zip(before, survivors, strict=False)]


def made_by(alpha: float, beta: float, members: int, tenures: int) -> Tenures:
    """What so many members do on average, in whole members."""
    made: Tenures = []
    for tenure in range(1, tenures + 1):
        left = round(members * alpha / (alpha + beta + tenure - 1))
        made.append((members, left))
        members -= left
    return made


def fits(project: Project, programs: dict[str, Tenures]) -> dict[str, tuple[float, float]]:
    """alpha and beta of each programme that has any."""
    result, output = project._invoke(
        ["compile", "--select", "int_membership_survival_fits", "--no-populate-cache"],
        project.manifest.deepcopy(),
        project.scratch / "parse" / DATABASE_NAME,
        project.scratch,
    )
    assert result.success, output
    with duckdb.connect() as connection:
        connection.execute("""
            attach ':memory:' as warehouse;
            create schema warehouse.intermediate;
            create table warehouse.intermediate.int_membership_tenures (
                program_id varchar, tenure bigint, at_risk bigint, members_left bigint
            );
        """)
        connection.executemany(
            "insert into warehouse.intermediate.int_membership_tenures values (?, ?, ?, ?)",
            [
                (program, tenure, at_risk, left)
                for program, tenures in programs.items()
                for tenure, (at_risk, left) in enumerate(tenures, start=1)
            ],
        )
        found = connection.execute(result.result.results[0].node.compiled_code).fetchall()
    return {program: (alpha, beta) for program, alpha, beta in found}


def log_likelihood(survivors: Sequence[int], alpha: float, beta: float) -> float:
    """As the paper has it: the chance of each year of leaving, and of being left at the end, by the recursion (7)."""
    left = [start - end for start, end in zip([1000, *survivors], survivors, strict=False)]
    chances = [alpha / (alpha + beta)]
    for year in range(2, len(survivors) + 1):
        chances.append(chances[-1] * (beta + year - 2) / (alpha + beta + year - 1))
    likelihood = sum(count * math.log(chance) for count, chance in zip(left, chances, strict=True))
    return likelihood + survivors[-1] * math.log(1 - sum(chances))


@pytest.fixture(scope="module")
def published_fits(project: Project) -> dict[str, tuple[float, float]]:
    return fits(project, {name: at_risk_and_left(PUBLISHED[name][0]) for name in PUBLISHED})


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_parameters(name: str, published_fits: dict[str, tuple[float, float]]) -> None:
    _, alpha, beta = PUBLISHED[name]
    assert published_fits[name] == pytest.approx((alpha, beta), abs=0.0005)


@pytest.mark.parametrize("name", PUBLISHED)
def test_no_neighbour_is_more_likely(name: str, published_fits: dict[str, tuple[float, float]]) -> None:
    """To four digits, by the paper's own likelihood: the step to either side is a twenty-thousandth."""
    survivors = PUBLISHED[name][0]
    alpha, beta = published_fits[name]
    best = log_likelihood(survivors, alpha, beta)
    for step in (-0.00005, 0.00005):
        assert log_likelihood(survivors, alpha * (1 + step), beta) < best
        assert log_likelihood(survivors, alpha, beta * (1 + step)) < best
        assert log_likelihood(survivors, alpha * (1 + step), beta * (1 + step)) < best


def test_a_distribution_is_found_again(project: Project) -> None:
    """However narrow its peak, and wherever it lies."""
    programs = {
        f"{alpha} {beta}, {tenures} tenures": (alpha, beta, made_by(alpha, beta, 100_000, tenures))
        for alpha, beta in KNOWN
        for tenures in (3, 12)
    }
    found = fits(project, {name: tenures for name, (_, _, tenures) in programs.items()})
    for name, (alpha, beta, _) in programs.items():
        assert name in found, name
        assert found[name] == pytest.approx((alpha, beta), rel=0.05), name


def test_a_flat_peak_is_a_peak(project: Project) -> None:
    """Of 42 members so few left that beta and its double are about as likely; a search with other steps ends there too."""
    at_risk = [42, 33, 24, 23, 18, 15, 11, 7, 6, 3, 2]
    left = [2, 4, 0, 0, 0, 0, 0, 0, 1, 0, 1]
    assert fits(project, {"flat": list(zip(at_risk, left, strict=True))})["flat"] == pytest.approx((0.66, 12.13), abs=0.01)


def test_where_there_is_no_fit(project: Project) -> None:
    """Nobody left; one tenure; a chance to leave that never falls, that rises, and that is gone after the first tenure."""
    assert fits(
        project,
        {
            "nobody left": [(100, 0), (90, 0), (80, 0)],
            "one tenure": [(100, 10)],
            "all at once": [(100, 100)],
            "even": [(1000, 100), (900, 90), (800, 80)],
            "rising": [(1000, 10), (990, 100), (890, 400)],
            "once": [(1000, 400), (600, 0), (500, 0)],
        },
    ) == {}
