"""CDNOW: the marts against published figures and figures computed apart from this project.

The records come from the installed wheel of `lifetimes`; fixtures/cdnow/README.md says where the
figures come from and what each is called in the marts.
"""

from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compare import differences, report
from harness import Build, Builder, write_csv

FIGURES = Path(__file__).parent / "fixtures" / "cdnow"
RATIO_TOLERANCE = 1e-6
LAST_DAY = date(1998, 6, 30)
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


def cdnow_orders() -> Iterator[dict[str, str]]:
    """The records as the four columns that every shop has; each row is an order of its own."""
    package = importlib.util.find_spec("lifetimes")
    assert package and package.submodule_search_locations, "lifetimes is not installed"
    records = Path(package.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"
    with records.open(encoding="utf-8") as lines:
        next(lines)  # the header
        for number, line in enumerate(lines, start=1):
            customer_id, day, _number_of_cds, dollars = line.split()
            yield {
                "order_id": str(number),
                "customer_id": customer_id,
                "ordered_at": f"{day[:4]}-{day[4:6]}-{day[6:]}",
                "subtotal_amount": dollars,
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
    """The same records, seen on the last day of 1997, with half a year to churn."""
    as_of = {"as_of_date": "1997-12-31", "churn_after_days": 180}
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


def test_second_orders_within_days_of_the_first(cdnow: Build) -> None:
    """By order row: what fct_orders says of everybody's second order."""
    for row in figures("cdnow_repurchase_within_n_days.csv"):
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
