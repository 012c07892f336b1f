"""CDNOW: the marts against published figures and figures computed apart from this project.

The records come from the installed wheel of `lifetimes`; fixtures/cdnow/README.md says where the
figures come from and what each is called in the marts.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import cdnow_kit
from cdnow_kit import LAST_DAY, cdnow_orders
from compare import differences, report
from harness import Build, Builder, write_csv

FIGURES = Path(__file__).parent / "fixtures" / "cdnow"
RATIO_TOLERANCE = 1e-6
REPURCHASE_FILE = "cdnow_repurchase_within_n_days.csv"
PERIOD_FILES = {
    "week": "weekly.csv",
    "month": "monthly.csv",
    "quarter": "quarterly.csv",
    "year": "yearly.csv",
}

# figure -> column of rpt_retention_by_period, in the same period
OF_THE_PERIOD = {
    "orders": "orders",
    "revenue": "net_sales",
    "active_customers": "active_customers",
    "new_customers": "new_customers",
    "returning_customers": "returning_customers",
    "multi_order_customers": "repeat_customers",
    "rcr_returning": "returning_customer_share",
    "rcr_multi": "repeat_customer_rate",
    "rcr_to_date": "repeat_customer_rate_to_date",
    "frequency": "purchase_frequency",
    "aov": "average_order_value",
    "revenue_per_customer": "customer_value",
    "orders_all": "orders_all",
    "revenue_all": "net_sales_all",
}
# figure -> column in the period after: these figures look forward
OF_THE_NEXT_PERIOD = {
    "retained_next": "retained_customers",
    "lost_next": "lost_customers",
    "reactivated_next": "resurrected_customers",
    "retention_rate": "retention_rate",
    "churn_rate": "churn_rate",
}
RATES_OF_COMPLETE_PERIODS = {"retention_rate", "churn_rate"}
MONEY = {"net_sales", "net_sales_all", "cumulative_net_sales"}
RATIOS = {
    "returning_customer_share",
    "repeat_customer_rate",
    "repeat_customer_rate_to_date",
    "purchase_frequency",
    "average_order_value",
    "customer_value",
    "retention_rate",
    "churn_rate",
    "cumulative_ltv",
}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raw zone that holds the orders, and nothing else."""
    directory = tmp_path_factory.mktemp("cdnow")
    orders = list(cdnow_orders())
    assert len(orders) == 69_659
    write_csv(directory / "orders.csv", orders)
    return directory


@pytest.fixture(scope="module")
def cdnow(build: Builder, raw: Path) -> Build:
    """CDNOW with every var at its default: as_of is the last order's day, 1998-06-30."""
    return _built(build(raw, command="run"))


@pytest.fixture(scope="module")
def cdnow_at_end_of_1997(build: Builder, raw: Path) -> Build:
    """The same records, seen on the last day of 1997, with two months to risk and half a year to
    churn."""
    as_of = {"as_of_date": "1997-12-31", "churn_after_days": 180, "at_risk_after_days": 60}
    return _built(build(raw, command="run", vars=as_of))


def _built(made: Build) -> Build:
    assert made.success, "\n".join(made.failures) or made.output
    return made


def figures(name: str) -> list[dict[str, str]]:
    """The rows of a file of figures."""
    with (FIGURES / name).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def summary() -> dict[str, Any]:
    return json.loads((FIGURES / "summary.json").read_text(encoding="utf-8"))


def _value(cell: str, column: str) -> Any:
    """A figure with the type that its column has in the marts."""
    if column in MONEY:
        return Decimal(cell)
    return float(cell) if column in RATIOS else int(float(cell))


def _month(cell: str) -> date:
    return date.fromisoformat(f"{cell}-01")


def _all_customers(made: Build, report_name: str, grain: str) -> list[dict[str, Any]]:
    return made.rows(
        f"select * from marts.{report_name} "
        f"where period_grain = '{grain}' and segment_type = 'all' and segment = 'all'"
    )


def _assert_equal(
    grain: tuple[str, ...], expected: Iterable[Mapping], actual: Iterable[Mapping]
) -> None:
    """Counts and money exactly, ratios to six places."""
    expected = list(expected)
    assert expected, "no figures to compare with"
    said = differences("marts", grain, expected, actual, tolerance=RATIO_TOLERANCE)
    assert not said, report(said)


def _expected_periods(grain: str) -> dict[date, dict[str, Any]]:
    """The figures of one file, each in the period in which the marts show it."""
    rows = figures(PERIOD_FILES[grain])
    starts = [date.fromisoformat(row["period"]) for row in rows]
    is_complete = {
        start: row["period_complete"] == "1" for start, row in zip(starts, rows, strict=True)
    }
    expected: dict[date, dict[str, Any]] = {start: {"period_start": start} for start in starts}
    for row, start, following in zip(rows, starts, [*starts[1:], None], strict=True):
        expected[start]["is_complete"] = is_complete[start]
        for figure, column in OF_THE_PERIOD.items():
            expected[start][column] = _value(row[figure], column)
        for figure, column in OF_THE_NEXT_PERIOD.items():
            if following and not is_complete[following] and column in RATES_OF_COMPLETE_PERIODS:
                expected[following][column] = None
            elif following and row[figure]:
                expected[following][column] = _value(row[figure], column)
    return expected


@pytest.mark.parametrize("grain", PERIOD_FILES)
def test_every_period_equals_the_figures(cdnow: Build, grain: str) -> None:
    expected = _expected_periods(grain)
    actual = _all_customers(cdnow, "rpt_retention_by_period", grain)
    _assert_equal(("period_start",), expected.values(), actual)


def test_first_periods_have_nobody_to_retain(cdnow: Build) -> None:
    rows = cdnow.rows(
        "select retention_rate, churn_rate, retained_customers, previous_active_customers "
        "from marts.rpt_retention_by_period where segment_type = 'all' "
        "qualify row_number() over (partition by period_grain order by period_start) = 1"
    )
    nobody = {
        "retention_rate": None,
        "churn_rate": None,
        "retained_customers": 0,
        "previous_active_customers": 0,
    }
    assert rows == [nobody] * 4


def test_unknown_segments_equal_all(cdnow: Build) -> None:
    """Without a customers table everybody is in the segment 'unknown'."""
    measures = "period_grain, period_start, active_customers, retained_customers, net_sales"
    rows = {
        segment_type: cdnow.rows(
            f"select {measures} from marts.rpt_retention_by_period "
            f"where segment_type = '{segment_type}' and segment = '{segment}' order by all"
        )
        for segment_type, segment in [
            ("all", "all"),
            ("country_code", "unknown"),
            ("acquisition_channel", "unknown"),
            ("first_sales_channel", "unknown"),
        ]
    }
    assert rows["all"]
    assert all(of_type == rows["all"] for of_type in rows.values())


def test_lifecycle_by_month(cdnow: Build) -> None:
    expected = [
        {
            "period_start": _month(row["month"]),
            "active_customers": int(row["active"]),
            "new_customers": int(row["new"]),
            "retained_customers": int(row["returning"]),
            "resurrected_customers": int(row["resurrected"]),
            "lost_customers": int(row["dormant"]),
            "retention_rate": float(row["pop_retention"]) if row["pop_retention"] else None,
        }
        for row in figures("cdnow_lifecycle_monthly.csv")
    ]
    actual = _all_customers(cdnow, "rpt_retention_by_period", "month")
    _assert_equal(("period_start",), expected, actual)


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
def test_inactivity_churn_by_period(cdnow: Build, grain: str) -> None:
    expected = []
    for row in figures("inactivity_periods.csv"):
        open_customers, churned, is_complete = (
            int(row["open"]),
            int(row["churned"]),
            row["is_complete"] == "1",
        )
        if row["grain"] == grain:
            rate = churned / open_customers if open_customers and is_complete else None
            expected.append(
                {
                    "period_start": date.fromisoformat(row["period"]),
                    "is_complete": is_complete,
                    "open_customers": open_customers,
                    "churned_customers": churned,
                    "inactivity_churn_rate": rate,
                }
            )
    actual = _all_customers(cdnow, "rpt_retention_by_period", grain)
    _assert_equal(("period_start",), expected, actual)


def test_cohort_triangle(cdnow: Build) -> None:
    expected = []
    sales_at_0: dict[str, Decimal] = {}
    for row in figures("cohort_triangle.csv"):
        sales = Decimal(row["revenue"])
        first = sales_at_0.setdefault(row["cohort"], sales)
        expected.append(
            {
                "cohort_start": _month(row["cohort"]),
                "period_number": int(row["k"]),
                "cohort_size": int(row["cohort_size"]),
                "active_customers": int(row["active"]),
                "retention_rate": float(row["retention"]),
                "orders": int(row["orders"]),
                "net_sales": sales,
                "cumulative_orders": int(row["cum_orders"]),
                "cumulative_net_sales": Decimal(row["cum_revenue"]),
                "cumulative_ltv": float(row["cum_ltv"]),
                "net_sales_retention": float(sales / first),
            }
        )
    actual = _all_customers(cdnow, "rpt_retention_by_cohort", "month")
    _assert_equal(("cohort_start", "period_number"), expected, actual)


@pytest.mark.parametrize(
    ("name", "cohort_column", "column", "rate"),
    [
        ("cdnow_cohort_classic.csv", "coh", "active_customers", "retention_rate"),
        ("cdnow_cohort_unbounded.csv", "", "on_or_after_customers", "on_or_after_retention_rate"),
    ],
)
def test_cohort_matrices(
    cdnow: Build, name: str, cohort_column: str, column: str, rate: str
) -> None:
    expected = [
        {
            "cohort_start": _month(row[cohort_column]),
            "period_number": int(k),
            column: int(float(cell)),
            rate: float(cell) / float(row["0"]),
        }
        for row in figures(name)
        for k, cell in row.items()
        if k.isdigit() and cell
    ]
    actual = _all_customers(cdnow, "rpt_retention_by_cohort", "month")
    _assert_equal(("cohort_start", "period_number"), expected, actual)


def test_the_january_cohort_as_published(cdnow: Build) -> None:
    """7,846 customers; each with the interval that scipy's binomtest gives (method "wilson")."""
    rows = {
        row["period_number"]: row
        for row in _all_customers(cdnow, "rpt_retention_by_cohort", "month")
        if row["cohort_start"] == date(1997, 1, 1)
    }
    classic = [rows[k]["active_customers"] for k in range(1, 6)]
    on_or_after = [rows[k]["on_or_after_customers"] for k in range(1, 6)]
    assert {row["cohort_size"] for row in rows.values()} == {7_846}
    assert {row["cohort_type"] for row in rows.values()} == {"first_order"}
    assert {row["is_sparse"] for row in rows.values()} == {False}
    assert classic == [1_157, 964, 810, 679, 736]
    assert on_or_after == [3_654, 3_357, 3_140, 2_958, 2_842]
    intervals = {
        "retention_rate": (0.139790677210, 0.155481714084),
        "on_or_after_retention_rate": (0.454696984647, 0.476766599322),
    }
    for rate, (lower, upper) in intervals.items():
        assert rows[1][f"{rate}_lower"] == pytest.approx(lower, abs=1e-9)
        assert rows[1][f"{rate}_upper"] == pytest.approx(upper, abs=1e-9)


@pytest.mark.parametrize(
    ("grain", "start_of"), [("month", cdnow_kit.month_of), ("quarter", cdnow_kit.quarter_of)]
)
def test_on_or_after_by_hand(
    cdnow: Build, grain: str, start_of: Callable[[date], date]
) -> None:
    found = cdnow_kit.on_or_after(start_of)
    expected = [
        {
            "cohort_start": cohort,
            "period_start": period,
            "on_or_after_customers": customers,
            "on_or_after_retention_rate": customers / found[cohort, cohort],
        }
        for (cohort, period), customers in found.items()
    ]
    actual = _all_customers(cdnow, "rpt_retention_by_cohort", grain)
    _assert_equal(("cohort_start", "period_start"), expected, actual)


def _of_all(made: Build, report_name: str) -> list[dict[str, Any]]:
    return made.rows(f"select * from marts.{report_name} where segment_type = 'all'")


def test_repurchase_windows_come_to_the_figures(cdnow: Build) -> None:
    """By order row and by distinct day, all cohorts together."""
    figures_of = {int(row["within_days"]): row for row in figures(REPURCHASE_FILE)}
    sums = cdnow.rows(
        "select window_days, sum(eligible_customers) as eligible, "
        "sum(repurchased_customers) as by_order, "
        "sum(repurchased_customers_distinct_days) as by_day "
        "from marts.rpt_repurchase_windows where segment_type = 'all' group by window_days"
    )
    assert {row["window_days"] for row in sums} == {30, 60, 90, 180, 360}
    for row in sums:
        figure = figures_of[row["window_days"]]
        assert row["eligible"] == int(figure["eligible"])
        assert row["by_order"] == int(figure["repurch_incl_same_day"])
        assert row["by_day"] == int(figure["repurch_distinct_day"])


@pytest.mark.parametrize("as_of", [LAST_DAY, date(1997, 12, 31)])
def test_repurchase_windows_by_hand(
    cdnow: Build, cdnow_at_end_of_1997: Build, as_of: date
) -> None:
    """At the end of 1997 the longest window is over for some of January's cohort only."""
    made = cdnow if as_of == LAST_DAY else cdnow_at_end_of_1997
    expected = cdnow_kit.repurchases(as_of)
    for row in expected:
        eligible = row["eligible_customers"]
        for name in ("", "_distinct_days"):
            count = row[f"repurchased_customers{name}"]
            row[f"repurchase_rate{name}"] = count / eligible if eligible else None
    actual = _of_all(made, "rpt_repurchase_windows")
    _assert_equal(("cohort_month", "window_days"), expected, actual)


def test_order_ladder(cdnow: Build) -> None:
    rungs = _of_all(cdnow, "rpt_order_ladder")
    _assert_equal(("order_number",), cdnow_kit.ladder(), rungs)
    histogram = summary()["orders_per_customer_hist"]
    customers = {row["order_number"]: row["customers"] for row in rungs}
    for number in range(1, 11):
        assert customers[number] == sum(histogram[str(n)] for n in range(number, 11))
    first = next(row for row in rungs if row["order_number"] == 1)
    assert first["next_order_rate"] == pytest.approx(summary()["rcr_lifetime"], abs=1e-6)


def test_rolling_retention(cdnow: Build) -> None:
    expected = cdnow_kit.buckets(7) + cdnow_kit.buckets(30)
    actual = _of_all(cdnow, "rpt_rolling_retention")
    _assert_equal(("cohort_month", "bucket_days", "bucket"), expected, actual)


def test_states_at_the_end_of_each_month(cdnow: Build) -> None:
    by_state, transitions = cdnow_kit.states_by_month()
    states = _all_customers(cdnow, "rpt_lifecycle_by_period", "month")
    _assert_equal(("period_start", "state"), by_state, states)
    ways = _all_customers(cdnow, "rpt_lifecycle_transitions", "month")
    _assert_equal(("period_start", "from_state", "to_state"), transitions, ways)


def test_states_agree_with_the_inactivity_figures(
    cdnow: Build, cdnow_at_end_of_1997: Build
) -> None:
    """At each month's end: inactive for more than 90 days; for more than 60 and not 180."""
    figures_of = {date.fromisoformat(row["as_of"]): row for row in figures("inactivity.csv")}
    for made in (cdnow, cdnow_at_end_of_1997):
        months = _all_customers(made, "rpt_lifecycle_by_period", "month")
        found = {(row["period_end"], row["state"]): row["customers"] for row in months}
        for end in {end for end, _ in found}:
            gone = {days: int(figures_of[end][f"churned_gt_{days}d"]) for days in (60, 90, 180)}
            if made is cdnow:
                assert found[end, "churned"] == gone[90], end
            else:
                assert found[end, "churned"] == gone[180], end
                assert found[end, "at_risk"] == gone[60] - gone[180], end
            everybody = sum(found[end, state] for state in cdnow_kit.STATES)
            assert everybody == int(figures_of[end]["customers_to_date"])


@pytest.mark.parametrize("day", [date(1997, 1, 1), date(1997, 5, 17), LAST_DAY])
def test_states_on_a_day(cdnow: Build, day: date) -> None:
    rows = cdnow.rows(
        "select state, count(*) as customers from marts.fct_customer_lifecycle "
        f"where valid_from <= date '{day}' and (valid_to is null or valid_to > date '{day}') "
        "group by state"
    )
    expected = cdnow_kit.states_on(day)
    del expected["none"]
    assert {row["state"]: row["customers"] for row in rows} == expected


def test_growth_accounting(cdnow: Build) -> None:
    """Customers as in the figures, money by hand; the two sides add up to the months' sales."""
    sales = {date.fromisoformat(row["period"]): row["revenue"] for row in figures("monthly.csv")}
    money = {row["period_start"]: row for row in cdnow_kit.growth_by_month()}
    expected = []
    previous = Decimal(0)
    for row in figures("cdnow_lifecycle_monthly.csv"):
        start = _month(row["month"])
        now = Decimal(sales[start])
        expected.append(
            {
                "active": int(row["active"]),
                "new": int(row["new"]),
                "retained": int(row["returning"]),
                "resurrected": int(row["resurrected"]),
                "lost": int(row["dormant"]),
                "quick_ratio": float(row["quick_ratio"]) if row["quick_ratio"] else None,
                "net_sales": now,
                "previous_net_sales": previous,
                **money[start],
            }
        )
        previous = now
    actual = _all_customers(cdnow, "rpt_growth_accounting", "month")
    _assert_equal(("period_start",), expected, actual)


def test_churn_methods(cdnow: Build) -> None:
    """Five quarter ends: the outcome of the last shows two days before the records end."""
    ends = cdnow_kit.quarter_ends()
    assert len(ends) == 5
    expected = [row for end in ends for row in cdnow_kit.churn_methods(end)]
    actual = cdnow.rows("select * from marts.rpt_churn_methods")
    _assert_equal(("as_of_date", "method"), expected, actual)
    inactive = {row["as_of"]: int(row["churned_gt_90d"]) for row in figures("inactivity.csv")}
    for row in actual:
        if row["method"] == "fixed_window":
            assert row["predicted_churned"] == inactive[row["as_of_date"].isoformat()]


def test_nobody_enrolled(cdnow: Build) -> None:
    assert cdnow.rows("select * from marts.rpt_retention_by_enrolment_cohort") == []


def test_second_orders_within_days_of_the_first(cdnow: Build) -> None:
    """By order row: what fct_orders says of everybody's second order."""
    for row in figures(REPURCHASE_FILE):
        second_orders = cdnow.rows(
            "select count(*) as customers from marts.fct_orders where order_number = 2 "
            f"and days_since_previous_order <= {int(row['within_days'])}"
        )
        assert second_orders == [{"customers": int(row["repurch_incl_same_day"])}], row


def _inactive(made: Build, condition: str) -> int:
    sql = f"select count(*) as customers from marts.rpt_customer_value where {condition}"
    return made.rows(sql)[0]["customers"]


@pytest.mark.parametrize("days", [30, 60, 90, 180])
def test_inactive_customers(cdnow: Build, cdnow_at_end_of_1997: Build, days: int) -> None:
    """More than N days without an order, on the last day of the records and half a year before."""
    by_date = {date.fromisoformat(row["as_of"]): row for row in figures("inactivity.csv")}
    for made, as_of in [(cdnow, LAST_DAY), (cdnow_at_end_of_1997, date(1997, 12, 31))]:
        expected = int(by_date[as_of][f"churned_gt_{days}d"])
        assert _inactive(made, f"recency_days > {days}") == expected


def test_inactive_for_90_days_or_more(cdnow: Build) -> None:
    assert _inactive(cdnow, "recency_days > 90") == 20_253
    assert _inactive(cdnow, "recency_days >= 90") == 20_269


@pytest.mark.parametrize("days", [90, 180])
def test_open_customers_are_those_not_yet_inactive(
    cdnow: Build, cdnow_at_end_of_1997: Build, days: int
) -> None:
    """Open at a month's start: ordered by the month's end before, and not inactive by then."""
    made = {90: cdnow, 180: cdnow_at_end_of_1997}[days]
    months = {
        row["period_end"]: row for row in _all_customers(made, "rpt_retention_by_period", "month")
    }
    ends = sorted(months)
    rows = {date.fromisoformat(row["as_of"]): row for row in figures("inactivity.csv")}
    for end, following in zip(ends, [*ends[1:], None], strict=True):
        to_date = int(rows[end]["customers_to_date"])
        assert months[end]["customers_to_date"] == to_date
        if following:
            still_open = to_date - int(rows[end][f"churned_gt_{days}d"])
            assert months[following]["open_customers"] == still_open, end


def test_past_periods_do_not_know_the_future(cdnow: Build, cdnow_at_end_of_1997: Build) -> None:
    """Seen at the end of 1997 each month holds what it holds in hindsight; no later one exists."""
    columns = list(OF_THE_PERIOD.values()) + ["retention_rate", "churn_rate"]

    def months(made: Build) -> list[dict[str, Any]]:
        rows = _all_customers(made, "rpt_retention_by_period", "month")
        return [{name: row[name] for name in ["period_start", *columns]} for row in rows]

    in_hindsight = [row for row in months(cdnow) if row["period_start"] < date(1998, 1, 1)]
    _assert_equal(("period_start",), in_hindsight, months(cdnow_at_end_of_1997))


def test_the_whole_of_it(cdnow: Build) -> None:
    """The figures that everybody quotes."""
    quoted = summary()
    totals = cdnow.rows(
        "select count(*) as customers, sum(orders) as orders, sum(net_sales) as net_sales, "
        "sum(repeat_purchase_days + 1) as customer_days, "
        "sum(case when orders >= 2 then 1 else 0 end) as repeat_customers, "
        "sum(case when repeat_purchase_days >= 1 then 1 else 0 end) as repeat_by_day "
        "from marts.rpt_customer_value"
    )[0]
    assert totals["customers"] == quoted["customers"] == 23_570
    assert totals["orders"] == quoted["orders"] == 69_659
    assert totals["net_sales"] == Decimal("2500315.63")
    assert totals["customer_days"] == quoted["customer_days"]
    assert totals["repeat_customers"] == quoted["repeat_customers"]
    assert totals["repeat_by_day"] == quoted["repeat_customers_distinct_days"]
    assert totals["repeat_by_day"] / totals["customers"] == pytest.approx(0.488587, abs=1e-6)
    assert float(totals["net_sales"]) / totals["orders"] == pytest.approx(35.893648, abs=1e-6)
    assert totals["orders"] / totals["customers"] == pytest.approx(2.955409, abs=1e-6)


def test_lifetime_repeat_rate(cdnow: Build) -> None:
    last = _all_customers(cdnow, "rpt_retention_by_period", "year")
    last.sort(key=lambda row: row["period_start"])
    assert last[-1]["repeat_customer_rate_lifetime"] == pytest.approx(0.494782, abs=1e-6)


def test_orders_per_customer(cdnow: Build) -> None:
    """How many customers placed 1, 2, ... 10 and more orders."""
    rows = cdnow.rows(
        "select least(orders, 10) as orders, count(*) as customers "
        "from marts.rpt_customer_value group by 1"
    )
    histogram = {str(row["orders"]): row["customers"] for row in rows}
    assert histogram == summary()["orders_per_customer_hist"]


def test_march_1997_reads_four_ways(cdnow: Build) -> None:
    """One month, four readings of the repeat customer rate."""
    rows = _all_customers(cdnow, "rpt_retention_by_period", "month")
    march = next(row for row in rows if row["period_start"] == date(1997, 3, 1))
    assert march["active_customers"] == 9_524
    assert march["repeat_customer_rate"] == pytest.approx(0.1553, abs=5e-5)
    assert march["repeat_customer_rate_to_date"] == pytest.approx(0.3394, abs=5e-5)
    assert march["returning_customer_share"] == pytest.approx(0.2390, abs=5e-5)


def test_four_columns_are_enough(cdnow: Build) -> None:
    """Every row was accepted, and what was not delivered took its default."""
    loaded = cdnow.rows(
        "select raw_rows, accepted_rows, superseded_rows, quarantined_rows "
        "from marts.rpt_load_reconciliation where table_name = 'orders'"
    )
    assert loaded == [
        {
            "raw_rows": 69_659,
            "accepted_rows": 69_659,
            "superseded_rows": 0,
            "quarantined_rows": 0,
        }
    ]
    zero_orders = cdnow.rows("select count(*) as n from marts.fct_orders where gross_sales = 0")
    assert zero_orders == [{"n": summary()["zero_value_orders"]}]
    # Ids keep their leading zeros: they are text.
    first = cdnow.rows(
        "select customer_id, currency, status from marts.fct_orders where order_id = '1'"
    )
    assert first == [{"customer_id": "00001", "currency": "USD", "status": "completed"}]
