"""Every cell of every mart against the reference, over shops that nobody thought of.

Each scenario fixes the vars that change what a mart means and draws the rest. One build of forty
shops each; RETENTION_EXAMPLES asks for more.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from compare import differences, report
from harness import Build, Builder, write_csv
from reference import GRAINS_OF_TABLES, KEYS, Expected, Settings, expect, retail_days
from reference.sbg import log_likelihood, survival_of
from scenarios import SCENARIOS, WHOLE, WITH_DATA_TESTS
from shops import SHOPS, RawZone, emails_of_shop, raw_zones

EXAMPLES = int(os.environ.get("RETENTION_EXAMPLES", "1"))

# Whether steps of nothing in a period of nothing are rows is no question of the contract.
# Nor is a tier in a period in which nobody was in it.
MAY_BE_EMPTY = {"rpt_sales_bridge": ("orders", "amount"), "rpt_tiers_by_period": ("members_ever",)}
# Money that is no sum of given amounts but a share of them: to four places, in one step or several.
# Points that may be redeemed are such shares too: a rate of few points has fewer digits.
TOLERANCES = {
    "rpt_points_liability": 5e-4,
    "rpt_points_vintages": 1e-7,
    "rpt_partner_settlement": 2e-4,
}
# How much likelier than the fit of the build what was seen may be.
LIKELIHOOD = 1e-5


def _compared(table: str, expected: Expected, made: Build) -> list[str]:
    rows = made.rows(f"select * from marts.{table}")
    wanted = expected.tables[table]
    if table == "rpt_load_reconciliation":
        # Tables that no shop has are reported too; here they are somebody else's business.
        names = {row["table_name"] for row in wanted}
        rows = [row for row in rows if row["table_name"] in names]
    if table in MAY_BE_EMPTY:
        wanted, rows = _without_empty(table, wanted), _without_empty(table, rows)
    tolerance = TOLERANCES.get(table, 1e-9)
    return differences(table, GRAINS_OF_TABLES[table], wanted, rows, tolerance)


def _without_empty(table: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with something in them."""
    return [row for row in rows if any(row.get(name) for name in MAY_BE_EMPTY[table])]


def _compared_quarantine(expected: Expected, made: Build) -> list[str]:
    """Each quarantined row, by its key and its reasons."""
    said = []
    for table, key in KEYS.items():
        columns = ", ".join([*key, "rejection_reasons"])
        rows = made.rows(f"select {columns} from quarantine.{table}")
        found = Counter(tuple(row.values()) for row in rows)
        wanted = Counter(expected.quarantine[table])
        said += [f"quarantine.{table}: missing {row}" for row in (wanted - found).elements()]
        said += [f"quarantine.{table}: too much {row}" for row in (found - wanted).elements()]
    return said


def _compared_calendar(expected: Expected, made: Build, chosen: Settings) -> list[str]:
    """The retail calendar of every day of dim_dates, which holds every day of the facts."""
    rows = made.rows("select * from marts.dim_dates")
    wanted = [retail_days(row["date_day"], chosen) for row in rows]
    days = {row["date_day"] for row in rows}
    dates = {row["order_date"] for row in expected.tables["fct_orders"]}
    dates |= {row["posted_date"] for row in expected.tables["fct_refunds"]}
    dates |= {row["refund_date"] for row in expected.tables["fct_refunds"]}
    return differences("dim_dates", ("date_day",), wanted, rows) + [
        f"dim_dates: the day {day} is missing" for day in sorted(dates - days)
    ]


def _compared_fits(expected: Expected, made: Build) -> list[str]:
    """Two ways to the highest point of a likelihood end near it; on a flat summit their places
    differ more than their heights."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in made.rows("select * from marts.rpt_membership_survival order by tenure"):
        found.setdefault(row["program_id"], []).append(row)
    said = []
    for program_id, fit in expected.survival_fits.items():
        for row in found.get(program_id, [])[:1]:
            alpha, beta = row["sbg_alpha"], row["sbg_beta"]
            label = f"rpt_membership_survival [{program_id}] sbg of {fit.counts}"
            if fit.exists is None:
                continue
            if not fit.exists or alpha is None:
                if fit.exists != (alpha is not None):
                    said.append(f"{label}: expected {fit.alpha}, {fit.beta}, found {alpha}, {beta}")
                continue
            best = log_likelihood(fit.alpha, fit.beta, fit.counts)
            if log_likelihood(alpha, beta, fit.counts) < best - LIKELIHOOD:
                said.append(f"{label}: expected {fit.alpha}, {fit.beta}, found {alpha}, {beta}")
            curve = [one["sbg_survival_rate"] for one in found[program_id]]
            if curve != pytest.approx(survival_of(alpha, beta, len(curve)), abs=1e-9):
                said.append(f"{label}: {curve} is not that of {alpha}, {beta}")
    return said


def _compared_evidence(made: Build) -> list[str]:
    """What each id was resolved by is said without an address."""
    return [
        f"rpt_identity_resolution: evidence {row['evidence']!r} of {row['source_customer_id']}"
        for row in made.rows("select * from marts.rpt_identity_resolution")
        if not row["evidence"] or "@" in row["evidence"]
    ]


def assert_build_equals_reference(made: Build, expected: Expected, chosen: Settings) -> None:
    """Every row of every mart, in the order in which a mistake would spread."""
    assert made.success, "\n".join(made.failures) or made.output
    said = _compared_quarantine(expected, made)
    for table in GRAINS_OF_TABLES:
        said += _compared(table, expected, made)
    said += _compared_calendar(expected, made, chosen) + _compared_evidence(made)
    said += _compared_fits(expected, made)
    assert not said, report(said)


@pytest.fixture(scope="module")
def email_hashes(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the build makes of each address of the shops: accounts that are named after theirs."""
    emails = [email for number in range(SHOPS) for email in emails_of_shop(number)]
    raw = tmp_path_factory.mktemp("emails")
    write_csv(raw / "customers.csv", [{"customer_id": email, "email": email} for email in emails])
    order = {"order_id": "o", "customer_id": None, "ordered_at": "2024-02-29"}
    write_csv(raw / "orders.csv", [order | {"subtotal_amount": "1"}])
    made = build(raw, command="run", select="order_statuses +dim_customers")
    assert made.success, "\n".join(made.failures) or made.output
    hashes = {
        row["customer_id"]: row["email_hash"]
        for row in made.rows("select customer_id, email_hash from marts.dim_customers")
    }
    made.close()
    assert len(set(hashes.values()) - {None}) == len(emails), "e-mails do not differ in their hash"
    return hashes


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_marts_equal_the_reference(
    scenario: str,
    build: Builder,
    email_hashes: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    variables = SCENARIOS[scenario]
    chosen = replace(Settings.from_vars(variables), hash_email=email_hashes.__getitem__)

    # A failing build is not shrunk: each step would cost a build. The shops are small, and the
    # country_code in the message names the one to look at.
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(zone=raw_zones(chosen, salt=scenario, is_whole=scenario in WHOLE))
    def check(zone: RawZone) -> None:
        raw = zone.write(tmp_path_factory.mktemp(scenario))
        command = "test" if scenario in WITH_DATA_TESTS else "run"
        made = build(raw, vars=variables, command=command)
        try:
            assert_build_equals_reference(made, expect(zone.tables, chosen), chosen)
        finally:
            made.close()

    check()


def _tied_versions() -> list[dict[str, str]]:
    """Twenty orders in two versions each that nothing but their content tells apart."""
    return [
        {
            "order_id": f"o{number}",
            "customer_id": "c",
            "ordered_at": "2024-02-29 12:00:00",
            "subtotal_amount": amount,
            "_loaded_at": "2024-03-01 00:00:00",
        }
        for number in range(20)
        for amount in ("10", "20")
    ]


def test_a_tie_between_versions_falls_the_same_way_whatever_the_order_of_the_file(
    build: Builder, tmp_path: Path
) -> None:
    rows = _tied_versions()
    standing = []
    for name, filed in {"as_made": rows, "backwards": rows[::-1]}.items():
        write_csv(tmp_path / name / "orders.csv", filed)
        made = build(tmp_path / name, command="run", select="order_statuses +fct_orders")
        assert made.success, "\n".join(made.failures) or made.output
        standing.append(
            made.rows("select order_id, gross_sales from marts.fct_orders order by order_id")
        )
    assert len(standing[0]) == 20
    assert standing[0] == standing[1]
