"""What is known on a day does not depend on what came after it.

From the rows up to a day D, and from all rows with as_of_date = D, every report is the same, row by
row. D is drawn inside the history of random shops. Their rows are dated and come in one version
each: undated restatements (status, refunded_amount, a changed row) show their present value.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from compare import differences, report
from harness import Build, Builder, Project, write_csv
from reference import GRAINS_OF_TABLES, KEYS, Settings, expect
from reference.raw import conform, local_date
from shop_kit import FIRST_DAY, LAST_DAY
from shops import RawZone, raw_zone

EXAMPLES = int(os.environ.get("RETENTION_EXAMPLES", "1"))
SHOPS = 12
VARIABLES: dict[str, Any] = {
    "reporting_timezone": "America/New_York",
    "churn_after_days": 30,
    "at_risk_after_days": 10,
    "sparse_customers": 3,
    "segments": ["country_code", "first_product_category"],
    # Else an expiry that is posted after the day tells how its programme expires before it.
    "points_expiry": {
        f"s{number}-{name}": "posted" if (number + len(name)) % 2 else "computed"
        for number in range(SHOPS)
        for name in ("gold", "trips", "club", "miles", "plus")
    }
    | {"default": "posted"},
}
# The column that dates a row of each table whose rows come one after another.
DATED_BY = {
    "orders": "ordered_at",
    "refunds": "refunded_at",
    "loyalty_transactions": "occurred_at",
    "loyalty_memberships": "occurred_at",
}
# These show raw rows and quarantine, which have no as_of.
NOT_AS_OF = {
    "rpt_load_reconciliation",
    "rpt_identity_resolution",
    "rpt_item_order_gaps",
    "rpt_sales_bridge",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Story:
    """A day, all rows, and those up to the day."""

    day: date
    everything: RawZone
    up_to_day: RawZone

    @property
    def variables(self) -> dict[str, Any]:
        return VARIABLES | {"as_of_date": self.day.isoformat()}

    @property
    def settings(self) -> Settings:
        return Settings.from_vars(self.variables)


def story(seed: str) -> Story:
    """A day from the second month to the last but one."""
    inside = (LAST_DAY - FIRST_DAY).days - 60
    day = FIRST_DAY + timedelta(days=30 + Random(seed).randrange(inside))
    settings = Settings.from_vars(VARIABLES | {"as_of_date": day.isoformat()})
    everything = _dated_rows(raw_zone(seed, settings, shops=SHOPS, is_whole=True))
    tables = {
        table: [row for row in rows if _is_by(day, table, row, settings)]
        for table, rows in everything.tables.items()
    }
    for table in DATED_BY:
        assert 0 < len(tables[table]) < len(everything.tables[table]), (table, day)
    return Story(day, everything, replace(everything, tables=tables))


def _dated_rows(zone: RawZone) -> RawZone:
    """One version of each row, and no refund without a date."""
    tables = dict(zone.tables)
    for table in DATED_BY:
        tables[table] = _first_versions(table, zone.tables[table])
    columns = dict(zone.columns)
    columns["orders"] = [name for name in columns["orders"] if not name.startswith("refunded_")]
    tables["orders"] = [{name: row[name] for name in columns["orders"]} for row in tables["orders"]]
    return replace(zone, tables=tables, columns=columns)


def _first_versions(table: str, rows: Iterable[Row]) -> list[Row]:
    """The first row of each key."""
    standing: dict[tuple, Row] = {}
    for row in rows:
        standing.setdefault(tuple(row[name] for name in KEYS[table]), row)
    return list(standing.values())


def _is_by(day: date, table: str, row: Row, settings: Settings) -> bool:
    """Dated on or before the day; not dated at all, or not to be read, is no matter of days."""
    if table not in DATED_BY:
        return True
    typed, _ = conform(table, row, settings)
    instant = typed[DATED_BY[table]]
    return instant is None or local_date(instant, settings.reporting_timezone) <= day


GRAINS = GRAINS_OF_TABLES | {"rpt_loyalty_lift": ("program_id", "metric")}
# test_properties.py compares these with the reference, in its own way.
BY_PROPERTIES = {"rpt_customer_bridge", "rpt_membership_survival", "rpt_points_liability", "rpt_points_vintages"}
BY_PROPERTIES |= {"rpt_partner_settlement", "rpt_tiers_by_period"}


def _sorted(rows: Iterable[Row], table: str) -> list[Row]:
    return sorted(rows, key=lambda row: [str(row[name]) for name in GRAINS[table]])


@pytest.mark.parametrize("number", range(3 * EXAMPLES))
def test_the_reference_knows_no_future(number: int) -> None:
    told = story(f"as of {number}")
    now = expect(told.up_to_day.tables, told.settings).tables
    in_hindsight = expect(told.everything.tables, told.settings).tables
    assert now["fct_orders"] != in_hindsight["fct_orders"]
    for table in GRAINS_OF_TABLES:
        if table.startswith("rpt_") and table not in NOT_AS_OF:
            assert _sorted(now[table], table) == _sorted(in_hindsight[table], table), table


def _reports(project: Project) -> list[str]:
    """The reports on retention and loyalty, all of them."""
    return sorted(
        node.name
        for node in project.manifest.nodes.values()
        if node.resource_type == "model"
        and node.fqn[1] == "marts"
        and node.fqn[2] in ("retention", "loyalty")
        and node.name.startswith("rpt_")
        and node.name in GRAINS
    )


def _built(build: Builder, zone: RawZone, raw: Path, variables: dict[str, Any]) -> Build:
    made = build(
        zone.write(raw),
        vars=variables,
        command="run",
        select="order_statuses +path:models/marts/retention +path:models/marts/loyalty",
    )
    assert made.success, "\n".join(made.failures) or made.output
    return made


@pytest.mark.parametrize("number", range(EXAMPLES))
def test_reports_know_no_future(
    number: int, build: Builder, project: Project, tmp_path: Path
) -> None:
    told = story(f"as of {number}")
    now = _built(build, told.up_to_day, tmp_path / "up_to_day", told.variables)
    in_hindsight = _built(build, told.everything, tmp_path / "everything", told.variables)
    expected = expect(told.everything.tables, told.settings)
    said = []
    for table in _reports(project):
        rows = now.rows(f"select * from marts.{table}")
        later_rows = in_hindsight.rows(f"select * from marts.{table}")
        grain = GRAINS[table]
        assert rows or not expected.tables.get(table), table
        said += differences(f"{table}, in hindsight", grain, rows, later_rows, tolerance=0)
        if table in GRAINS_OF_TABLES and table not in BY_PROPERTIES:
            said += differences(table, grain, expected.tables[table], rows)
    assert not said, report(said)


def test_the_lift_knows_no_later_refund(build: Builder, tmp_path: Path) -> None:
    """What a day after as_of takes back was sold on it: two members, two controls, and one refund more or less."""
    days = ["2024-03-01", "2024-03-11", "2024-03-21"]
    order_days = [(customer_id, day) for customer_id in ("m-1", "m-2", "c-1", "c-2") for day in days]
    orders = [
        {"order_id": f"{customer_id} {day}", "customer_id": customer_id, "ordered_at": day, "subtotal_amount": "10"}
        for customer_id, day in order_days
    ]
    events = [
        {
            "membership_event_id": customer_id,
            "customer_id": customer_id,
            "program_id": "club",
            "event_type": "enrolled",
            "occurred_at": "2024-03-11",
        }
        for customer_id in ("m-1", "m-2")
    ]
    known = {"refund_id": "1", "order_id": "m-2 2024-03-21", "refunded_at": "2024-05-31", "refund_amount": "1"}
    later = {"refund_id": "2", "order_id": "m-1 2024-03-21", "refunded_at": "2024-06-01", "refund_amount": "5"}
    lifts = []
    for name, refunds in {"up_to_day": [known], "everything": [known, later]}.items():
        for table, rows in {"orders": orders, "loyalty_memberships": events, "refunds": refunds}.items():
            write_csv(tmp_path / name / f"{table}.csv", rows)
        made = build(
            tmp_path / name,
            vars={"as_of_date": "2024-05-31", "lift_window_days": 30},
            command="run",
            select="+rpt_loyalty_lift",
        )
        assert made.success, made.failures
        lifts.append(made.rows("select * from marts.rpt_loyalty_lift order by metric"))
    now, in_hindsight = lifts
    net_sales = now[0]
    assert (net_sales["metric"], net_sales["members_mean_after"]) == ("net_sales", 9.5)
    assert net_sales["standard_error"] is not None
    assert now == in_hindsight
