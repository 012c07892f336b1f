"""python -m demo.show WAREHOUSE: the built marts as one picture in the terminal.

Every figure is read from a mart; only changes between two periods and the mean formula LTV are made here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from doctor.screen import screen

Row = dict[str, Any]
Colour = tuple[int, int, int]

COHORTS = 12
MONTHS_OF_A_COHORT = 12
MONTHS_OF_FLOWS = 6
PROGRAMS = 3
REASONS_OF_A_TABLE = 4
STATUSES = 5
NOTHING = "-"

# The heatmap runs from the one to the other; text turns white on the dark half.
LIGHT: Colour = (237, 245, 251)
DARK: Colour = (8, 69, 140)


@dataclass(frozen=True)
class Metric:
    """A column of a report: what to call it, how to write it, and which way is up."""

    label: str
    column: str
    kind: str  # count, money, rate or number
    is_better: int = 1  # 1 where more is better, -1 where less is


HEADLINES = (
    Metric("Active customers", "active_customers", "count"),
    Metric("New customers", "new_customers", "count"),
    Metric("Retention rate", "retention_rate", "rate"),
    Metric("Churn rate", "churn_rate", "rate", is_better=-1),
    Metric("Repeat customer rate (RCR)", "repeat_customer_rate", "rate"),
    Metric("Purchase frequency", "purchase_frequency", "number"),
    Metric("Average order value (AOV)", "average_order_value", "money"),
    Metric("Customer value", "customer_value", "money"),
    Metric("Net sales", "net_sales", "money"),
)
REDEMPTION_RATE = Metric("Redemption rate", "redemption_rate", "rate")

FLOWS = ("issued", "redeemed", "restored", "expired", "cancelled", "adjusted", "outstanding")


class NoWarehouse(Exception):
    """There is nothing to show; the message says why and what to do."""


class Warehouse:
    """A built warehouse, read only."""

    def __init__(self, path: Path):
        """Raises NoWarehouse where the file is missing, none of DuckDB's, in use or not built."""
        if not path.is_file():
            raise NoWarehouse(f"There is no warehouse {path}: make demo builds one.")
        try:
            self.connection = duckdb.connect(str(path), read_only=True)
        except duckdb.Error as error:
            raise NoWarehouse(f"{path} cannot be opened: {str(error).splitlines()[0]}") from error
        listed = "select table_schema || '.' || table_name as name from information_schema.tables"
        self.tables = {row["name"] for row in self.rows(listed)}
        if not any(name.startswith("marts.") for name in self.tables):
            self.close()
            raise NoWarehouse(f"{path} holds no marts: build them with .venv/bin/dbt build.")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """The rows of a query."""
        cursor = self.connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, cells, strict=True)) for cells in cursor.fetchall()]

    def mart(self, name: str, rest: str = "", *values: Any) -> list[Row]:
        """The rows of a mart; none where it is not built."""
        return self.rows(f"select * from marts.{name} {rest}", *values) if self.has(name) else []

    def has(self, mart: str) -> bool:
        """Whether the warehouse holds the mart: a build may have selected some."""
        return f"marts.{mart}" in self.tables

    def close(self) -> None:
        self.connection.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where the warehouse was shown, 1 where there is none."""
    parser = argparse.ArgumentParser(prog="python -m demo.show", description=__doc__)
    parser.add_argument("warehouse", type=Path, help="the DuckDB file that RETENTION_DB names")
    path = parser.parse_args(arguments).warehouse
    console = screen()
    try:
        with closing(Warehouse(path)) as warehouse:
            show(console, warehouse)
    except NoWarehouse as error:
        console.print(str(error))
        return 1
    return 0


def show(console: Console, warehouse: Warehouse) -> None:
    """The whole picture."""
    show_headlines(console, warehouse)
    show_cohorts(console, warehouse)
    show_flows(console, warehouse)
    show_load(console, warehouse)
    show_unknown_statuses(console, warehouse)
    show_next_steps(console)


# ---------------------------------------------------------------- headlines


def show_headlines(console: Console, warehouse: Warehouse) -> None:
    """The last complete month beside the month and the year before."""
    months = warehouse.mart(
        "rpt_retention_by_period",
        "where period_grain = 'month' and segment_type = 'all' order by is_complete, period_start",
    )
    if not months:
        _heading(console, "The last complete month")
        console.print("No monthly figures.")
        return
    by_month = {row["period_start"]: row for row in months}
    last = months[-1]
    month = last["period_start"]
    before, year_before = _months_back(month, 1), _months_back(month, 12)
    _heading(
        console, f"{month:%B %Y}, " + ("complete" if last["is_complete"] else "not complete yet")
    )

    grid = _grid("left", "right", "right", "right")
    grid.add_row("", "", f"on {before:%b %Y}", f"on {year_before:%b %Y}", style="dim")
    for metric in HEADLINES:
        grid.add_row(*_headline(metric, last, by_month.get(before), by_month.get(year_before)))
    for program, rows in _redemption_rates(warehouse, month).items():
        label = f"{REDEMPTION_RATE.label}, {program}"
        cells = _headline(REDEMPTION_RATE, rows[month], rows.get(before), rows.get(year_before))
        grid.add_row(label, *cells[1:])
    console.print(grid)
    _show_formula_ltv(console, warehouse)


def _headline(metric: Metric, now: Row, *earlier: Row | None) -> list[str | Text]:
    value = now[metric.column]
    changes = [_change(metric, value, then and then[metric.column]) for then in earlier]
    return [metric.label, Text(_written(metric.kind, value), style="bold"), *changes]


def _redemption_rates(warehouse: Warehouse, month: date) -> dict[str, dict[date, Row]]:
    """The months of the programmes that issued most points in a month."""
    rows = warehouse.mart("rpt_loyalty_by_period", "where period_grain = 'month'")
    of_month = [row for row in rows if row["period_start"] == month and row["points_issued"]]
    largest = sorted(of_month, key=lambda row: (-row["points_issued"], row["program_id"]))
    return {
        program["program_id"]: {
            row["period_start"]: row for row in rows if row["program_id"] == program["program_id"]
        }
        for program in largest[:PROGRAMS]
    }


def _show_formula_ltv(console: Console, warehouse: Warehouse) -> None:
    if not warehouse.has("rpt_customer_value"):
        return
    [row] = warehouse.rows(
        "select count(formula_ltv) as customers, avg(formula_ltv) as formula_ltv "
        "from marts.rpt_customer_value"
    )
    value = _written("money", row["formula_ltv"])
    console.print(f"\nFormula LTV, mean of {row['customers']:,} customers: {value}")


def _change(metric: Metric, now: Any, then: Any) -> Text:
    """How a value changed: rates in points of a percent, all else in percent."""
    if now is None or then is None or (metric.kind != "rate" and not then):
        return Text(NOTHING, style="dim")
    change = float(now) - float(then) if metric.kind == "rate" else float(now) / float(then) - 1
    text = f"{change * 100:+,.1f} {'pp' if metric.kind == 'rate' else '% '}"
    if abs(change) < 0.0005:
        return Text(text, style="dim")
    return Text(text, style="green" if change * metric.is_better > 0 else "red")


def _written(kind: str, value: Any) -> str:
    if value is None:
        return NOTHING
    if kind == "rate":
        return f"{value:.1%}"
    return f"{value:,.0f}" if kind == "count" else f"{value:,.2f}"


def _months_back(month: date, months: int) -> date:
    index = month.year * 12 + month.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


# ---------------------------------------------------------------- cohorts


def show_cohorts(console: Console, warehouse: Warehouse) -> None:
    """Share of each month's new customers who order in the months after."""
    rows = warehouse.mart(
        "rpt_retention_by_cohort",
        "where period_grain = 'month' and segment_type = 'all' and retention_rate is not null "
        "and period_number between 1 and ? order by cohort_start, period_number",
        MONTHS_OF_A_COHORT,
    )
    _heading(console, "Cohorts: % of a month's new customers who order in month k after")
    cohorts: dict[date, list[Row]] = {}
    for row in rows:
        cohorts.setdefault(row["cohort_start"], []).append(row)
    if not cohorts:
        console.print("No cohort has a complete month after its first.")
        return
    shown = dict(list(cohorts.items())[-COHORTS:])
    largest = max(row["retention_rate"] for months in shown.values() for row in months)

    grid = Grid(box=None, show_header=False, padding=0, pad_edge=False)
    grid.add_column(width=9)
    grid.add_column(width=6, justify="right")
    for _ in range(MONTHS_OF_A_COHORT):
        grid.add_column(width=5, justify="right")
    numbers = [f"{number} " for number in range(1, MONTHS_OF_A_COHORT + 1)]
    grid.add_row("", "new", *numbers, style="dim")
    for start, months in shown.items():
        cells = {row["period_number"]: _shaded(row["retention_rate"], largest) for row in months}
        size = f"{months[0]['cohort_size']:,}"
        grid.add_row(f"{start:%b %Y}", size, *(cells.get(k, "") for k in range(1, MONTHS_OF_A_COHORT + 1)))
    console.print(grid)


def _shaded(rate: float, largest: float) -> Text:
    """A cell that carries its number, on a ground that is the darker the more came back."""
    # Where hardly anybody comes back, whole percents would all be the same.
    text = f"{rate * 100:.0f}" if largest >= 0.095 else f"{rate * 100:.1f}"
    depth = rate / largest if largest else 0.0
    ground = [
        round(light + (dark - light) * depth) for light, dark in zip(LIGHT, DARK, strict=True)
    ]
    ink = "white" if depth > 0.65 else "black"
    return Text(f"{text:>4} ", style=f"{ink} on rgb({','.join(map(str, ground))})")


# ---------------------------------------------------------------- loyalty


def show_flows(console: Console, warehouse: Warehouse) -> None:
    """Points that came and went in the last complete months, by programme."""
    rows = warehouse.mart(
        "rpt_loyalty_by_period",
        "where period_grain = 'month' and is_complete order by period_start",
    )
    _heading(console, "Loyalty: points by month")
    programs: dict[str, list[Row]] = {}
    for row in rows:
        programs.setdefault(row["program_id"], []).append(row)
    if not programs:
        console.print("No points ledger.")
        return
    largest = sorted(
        programs, key=lambda program: -(programs[program][-1]["points_outstanding"] or 0)
    )
    for program in largest[:PROGRAMS]:
        _show_program(console, program, programs[program][-MONTHS_OF_FLOWS:])
    if len(largest) > PROGRAMS:
        others = len(largest) - PROGRAMS
        console.print(f"and {others:,} smaller programmes in marts.rpt_loyalty_by_period")


def _show_program(console: Console, program: str, months: Sequence[Row]) -> None:
    console.print(Text(program, style="bold", overflow="ellipsis", no_wrap=True))
    grid = Grid(box=None, show_header=False, padding=0, pad_edge=False)
    grid.add_column(width=8)
    for flow in FLOWS:
        grid.add_column(width=max(len(flow) + 1, 9), justify="right")
    grid.add_column(width=5, justify="right")
    grid.add_row("", *FLOWS, "rate", style="dim")
    for row in months:
        flows = [_points(row[f"points_{flow}"]) for flow in FLOWS]
        rate = NOTHING if row["redemption_rate"] is None else f"{row['redemption_rate']:.0%}"
        grid.add_row(f"{row['period_start']:%b %Y}", *flows, rate)
    console.print(grid)


def _points(points: Any) -> str:
    """A number of points in at most eight characters."""
    if points is None:
        return NOTHING
    for size, unit in ((10_000_000_000, "bn"), (10_000_000, "M")):
        if abs(points) >= size:
            return f"{float(points) / (size / 10):,.1f}{unit}"
    return f"{points:,.0f}"


# ---------------------------------------------------------------- what was loaded


def show_load(console: Console, warehouse: Warehouse) -> None:
    """Where each raw row went, and why rows are in quarantine."""
    _heading(console, "Loaded: raw = accepted + superseded + quarantined")
    counts = warehouse.mart("rpt_load_reconciliation", "order by raw_rows desc, table_name")
    if not counts:
        console.print("Not built: marts.rpt_load_reconciliation.")
        return
    columns = ("raw_rows", "accepted_rows", "superseded_rows", "quarantined_rows")
    grid = _grid("left", "right", "right", "right", "right", "left")
    grid.add_row("", *(column.removesuffix("_rows") for column in columns), "", style="dim")
    for row in counts:
        adds_up = row["raw_rows"] == sum(row[column] for column in columns[1:])
        verdict = Text("adds up", style="green") if adds_up else Text("DIFFERS", style="bold red")
        grid.add_row(row["table_name"], *(f"{row[column]:,}" for column in columns), verdict)
    console.print(grid)
    _show_reasons(console, warehouse)


def _show_reasons(console: Console, warehouse: Warehouse) -> None:
    grid = _grid("left", "right", "left")
    for name in sorted(name for name in warehouse.tables if name.startswith("quarantine.")):
        reasons = warehouse.rows(
            "select reason, count(*) as rows "
            f"from (select unnest(string_split(rejection_reasons, ',')) as reason from {name}) "
            "group by 1 order by rows desc, reason"
        )
        for number, row in enumerate(reasons[:REASONS_OF_A_TABLE]):
            grid.add_row("" if number else name, f"{row['rows']:,}", row["reason"])
        others = reasons[REASONS_OF_A_TABLE:]
        if others:
            grid.add_row("", f"{sum(row['rows'] for row in others):,}", f"{len(others)} others")
    if grid.row_count:
        console.print()
        console.print(grid)


def show_unknown_statuses(console: Console, warehouse: Warehouse) -> None:
    """The status words that no line of the seed order_statuses knows."""
    if "quarantine.orders" not in warehouse.tables:
        return
    words = warehouse.rows(
        "select status, count(*) as rows from quarantine.orders "
        "where list_contains(string_split(rejection_reasons, ','), 'unknown_status') "
        "group by 1 order by rows desc, status"
    )
    if not words:
        return
    listed = [f"{row['status']} ({row['rows']:,})" for row in words[:STATUSES]]
    if len(words) > STATUSES:
        listed.append(f"and {len(words) - STATUSES:,} more")
    console.print()
    console.print(f"Unknown status words: {', '.join(listed)}")
    console.print("Add your shop's words to seeds/order_statuses.csv and build again.")


def show_next_steps(console: Console) -> None:
    """Where to go on from here."""
    _heading(console, "Next")
    grid = _grid("left", "left")
    grid.add_row("What every number means", "README.md")
    grid.add_row("Look into a mart", ".venv/bin/dbt show --select rpt_customer_value")
    grid.add_row("Your own files", "make doctor RAW=/path/to/your/files")
    console.print(grid)


def _heading(console: Console, title: str) -> None:
    console.print()
    console.rule(Text(title, style="bold"), align="left", style="dim")


def _grid(*alignments: str) -> Grid:
    grid = Grid(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for alignment in alignments:
        grid.add_column(justify=alignment)  # type: ignore[arg-type]
    return grid


if __name__ == "__main__":
    sys.exit(main())
