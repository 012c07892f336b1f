"""Every cell of every mart against the reference, over shops that nobody thought of.

Each scenario fixes the vars that change what a mart means and draws the rest. One build of forty
shops each; RETENTION_EXAMPLES asks for more.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from compare import differences, report
from harness import Build, Builder, write_csv
from reference import GRAINS_OF_TABLES, Expected, Settings, expect
from shops import KEYS, RawZone, raw_zones

EXAMPLES = int(os.environ.get("RETENTION_EXAMPLES", "1"))

SCENARIOS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "as_of_inside_periods_weeks_from_sunday": {
        "as_of_date": "2024-08-14",
        "week_start": "sunday",
        "churn_after_days": 30,
    },
    "new_york": {
        "reporting_timezone": "America/New_York",
        "raw_timezone": "America/New_York",
        "as_of_date": "2024-12-31",
        "gross_margin_rate": 0.35,
    },
    "berlin_with_raw_kolkata": {
        "reporting_timezone": "Europe/Berlin",
        "raw_timezone": "Asia/Kolkata",
        "week_start": "saturday",
        "as_of_date": "2024-03-31",
        "segments": ["first_sales_channel", "acquisition_campaign_id"],
    },
    "long_memory_few_grains": {
        "churn_after_days": 400,
        "period_grains": ["month", "year"],
        "segments": ["country_code"],
        "expected_lifespan_years": 2.5,
        "as_of_date": "2025-12-31",
    },
}


def _compared(table: str, expected: Expected, made: Build) -> list[str]:
    rows = made.rows(f"select * from marts.{table}")
    wanted = expected.tables[table]
    if table == "rpt_load_reconciliation":
        # Tables that no shop has are reported too; here they are somebody else's business.
        names = {row["table_name"] for row in wanted}
        rows = [row for row in rows if row["table_name"] in names]
    return differences(table, GRAINS_OF_TABLES[table], wanted, rows)


def _compared_quarantine(expected: Expected, made: Build) -> list[str]:
    """Each quarantined row, by its id and its reasons."""
    said = []
    for table, key in KEYS.items():
        rows = made.rows(f"select {key} as id, rejection_reasons from quarantine.{table}")
        found = Counter((row["id"], row["rejection_reasons"]) for row in rows)
        wanted = Counter(expected.quarantine[table])
        said += [f"quarantine.{table}: missing {row}" for row in (wanted - found).elements()]
        said += [f"quarantine.{table}: too much {row}" for row in (found - wanted).elements()]
    return said


def assert_build_equals_reference(made: Build, expected: Expected) -> None:
    """Every row of every mart, in the order in which a mistake would spread."""
    assert made.success, "\n".join(made.failures) or made.output
    said = _compared_quarantine(expected, made)
    for table in GRAINS_OF_TABLES:
        said += _compared(table, expected, made)
    assert not said, report(said)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_marts_equal_the_reference(
    scenario: str, build: Builder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    variables = SCENARIOS[scenario]
    chosen = Settings.from_vars(variables)

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
    @given(zone=raw_zones(chosen, salt=scenario))
    def check(zone: RawZone) -> None:
        raw = zone.write(tmp_path_factory.mktemp(scenario))
        made = build(raw, vars=variables, command="run")
        try:
            assert_build_equals_reference(made, expect(zone.tables, chosen))
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
