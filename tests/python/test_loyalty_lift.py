"""The lift of a programme: on the demo shop the matched figure finds the truth and the naive one does not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from demo.parameters import Parameters
from demo.shop import Shop
from harness import Build, Builder
from reference.loyalty_lift import OrderDay, rpt_loyalty_lift

PARAMETERS = Parameters(customers=5_000)
Z = 1.96


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("lift") / "raw"
    for _ in Shop(PARAMETERS, directory, threads=2).make():
        pass
    return directory


@pytest.fixture(scope="module")
def warehouse(build: Builder, raw: Path) -> Build:
    built = build(raw, command="run", select="+rpt_loyalty_lift")
    assert built.success, built.failures
    return built


@pytest.fixture(scope="module")
def lifts(warehouse: Build) -> dict[tuple[str, str], dict]:
    rows = warehouse.rows("select * from marts.rpt_loyalty_lift")
    return {(row["program_id"], row["metric"]): row for row in rows}


@pytest.fixture(scope="module")
def truth(raw: Path) -> dict[str, float]:
    return dict(duckdb.sql(f"from '{raw.parent}/{raw.name}_truth/programs.parquet'").fetchall())


@pytest.mark.parametrize("program_id", ["points_club", "plus"])
def test_the_matched_interval_holds_the_truth(lifts, truth, program_id) -> None:
    row = lifts[program_id, "orders"]
    assert row["relative_lift_lower"] < truth[program_id] < row["relative_lift_upper"]


def test_the_interval_says_something(lifts) -> None:
    """An interval that held everything would hold the truth as well."""
    row = lifts["points_club", "orders"]
    assert row["relative_lift_upper"] - row["relative_lift_lower"] < 0.8


@pytest.mark.parametrize("program_id", ["points_club", "plus"])
def test_the_naive_interval_does_not(lifts, truth, program_id) -> None:
    row = lifts[program_id, "orders"]
    caused = row["non_members_mean_after"] * truth[program_id]
    assert row["naive_difference"] - Z * row["naive_standard_error"] > caused
    assert row["naive_relative_lift"] > 3 * truth[program_id]


def test_as_the_definition_says(warehouse: Build, lifts) -> None:
    as_of = warehouse.rows("select as_of_date from intermediate.int_as_of")[0]["as_of_date"]
    order_days = warehouse.rows("""
        with later_refunds as (
            select order_id, sum(refund_amount) as returns
            from marts.fct_refunds, intermediate.int_as_of
            where refund_date > as_of_date
            group by 1
        )
        select
            customer_id,
            order_date,
            count(*) as orders,
            sum(net_sales + coalesce(later_refunds.returns, 0))::double as net_sales
        from marts.fct_orders left join later_refunds using (order_id)
        where order_number is not null
        group by 1, 2
    """)
    channels = warehouse.rows("select customer_id, first_sales_channel from marts.dim_customers")
    spells = warehouse.rows("select * from intermediate.int_membership_spells where spell_number = 1")
    expected = rpt_loyalty_lift(
        [
            (row["customer_id"], OrderDay(row["order_date"], row["orders"], row["net_sales"]))
            for row in order_days
        ],
        {row["customer_id"]: row["first_sales_channel"] for row in channels},
        {(row["program_id"], row["customer_id"]): row["enrolled_date"] for row in spells},
        as_of,
        365,
        30,
    )
    assert {(row["program_id"], row["metric"]) for row in expected} == set(lifts)
    for row in expected:
        actual = lifts[row["program_id"], row["metric"]]
        assert set(row) == set(actual)
        for name, value in row.items():
            exact = value is None or isinstance(value, str)
            assert actual[name] == (value if exact else pytest.approx(value, rel=1e-9)), (row["metric"], name)
