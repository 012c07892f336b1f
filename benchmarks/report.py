"""Shows measurements: tables in the terminal, results/README.md and a plot beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.lots import (
    LEDGER_COLUMNS,
    LOTS_COLUMNS,
    LotsMeasurement,
    ledger_rows,
    lots_rows,
    lots_targets,
)
from benchmarks.results import (
    DAILY_RUNS,
    FIXED_COSTS,
    RESULTS,
    DailyMeasurement,
    Measurement,
    daily_targets,
    targets,
    title,
)

SLOWEST_PARTS = 15
# Parts of the stacked bar, from the ground up; colours of one family belong together.
PART_COLOURS = {
    "dbt itself": "#6b7280",
    "seeds": "#9ca3af",
    "staging": "#1e3a8a",
    "orders": "#1d4ed8",
    "customers": "#3b82f6",
    "order_items": "#6366f1",
    "refunds": "#be185d",
    "calendar": "#93c5fd",
    "core": "#0e7490",
    "loyalty": "#0891b2",
    "retention": "#15803d",
    "value": "#84cc16",
    "quarantine": "#b45309",
    "reconciliation": "#d97706",
    "tests": "#f59e0b",
}
OTHER_COLOUR = "#a78bfa"
OPPONENT_COLOURS = {"hand_written": "#111827", "polars": "#7c3aed", "floor": "#d1d5db"}

Rows = list[list[str]]


def show(
    measurements: list[Measurement], daily: list[DailyMeasurement], lots: list[LotsMeasurement], console: Console
) -> None:
    """All tables of a run in the terminal, targets last."""
    for measurement in measurements:
        show_table(
            console, f"{measurement.orders:,} orders", COST_COLUMNS, cost_rows(measurement)
        )
        if measurement.parts:
            show_table(console, "Where the build's CPU goes", PART_COLUMNS, part_rows(measurement))
            show_table(console, "The dearest models and tests", NODE_COLUMNS, node_rows(measurement))
            show_table(console, "dbt with nothing to do", FIXED_COLUMNS, fixed_rows(measurement))
    for measurement in daily:
        heading = f"One day more: {measurement.orders:,} orders of history"
        show_table(console, heading, DAILY_COLUMNS, daily_rows(measurement))
        show_table(console, "What the day brings", *day_table(measurement))
        show_table(console, "The day's dearest models and tests", DAILY_NODE_COLUMNS, daily_node_rows(measurement))
    for measurement in lots:
        show_table(console, f"Lots of points: {measurement.orders:,} orders", LOTS_COLUMNS, lots_rows(measurement))
        show_table(console, "The ledger", LEDGER_COLUMNS, ledger_rows(measurement))
    judged = targets(measurements) + daily_targets(daily) + lots_targets(lots)
    show_table(console, "Targets", TARGET_COLUMNS, target_rows(judged))


def show_table(console: Console, heading: str, columns: list[str], rows: Rows) -> None:
    """One table, unless it has no rows; the first column is text, the others figures."""
    if not rows:
        return
    table = Table(title=heading, title_justify="left", title_style="bold")
    table.add_column(columns[0])
    for column in columns[1:]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


# ---------------------------------------------------------------- rows of the tables

COST_COLUMNS = ["", "CPU s", "to hand-written", "wall s", "peak MiB", "load before"]
PART_COLUMNS = ["part", "CPU s alone", "share"]
NODE_COLUMNS = ["model or test", "CPU s alone", "wall s alone", "wall s in dbt"]
FIXED_COLUMNS = ["command", "CPU s"]
TARGET_COLUMNS = ["target", "reached", "asked for", "holds"]


def cost_rows(measurement: Measurement) -> Rows:
    """A row for each opponent."""
    rows = []
    for opponent, costs in measurement.costs.items():
        ratio = measurement.ratio(opponent)
        rows.append(
            [
                title(opponent),
                f"{measurement.median(opponent):,.1f}",
                "" if ratio is None else f"{ratio:.2f}",
                f"{measurement.median(opponent, 'wall_seconds'):,.1f}",
                f"{measurement.median(opponent, 'peak_memory_mib'):,.0f}",
                " ".join(f"{cost.load_before:.1f}" for cost in costs),
            ]
        )
    return rows


def part_rows(measurement: Measurement) -> Rows:
    """A row for each part of the build, with its share."""
    sums = measurement.part_sums()
    total = sum(sums.values())
    return [[part, f"{seconds:,.2f}", f"{seconds / total:.0%}"] for part, seconds in sums.items()]


def node_rows(measurement: Measurement) -> Rows:
    """A row for each of the dearest models and tests."""
    dearest = sorted(measurement.parts, key=lambda part: -part["cpu_seconds"])[:SLOWEST_PARTS]
    return [
        [part["name"], *(f"{part[column]:,.2f}" for column in ("cpu_seconds", "wall_seconds", "dbt_seconds"))]
        for part in dearest
    ]


def fixed_rows(measurement: Measurement) -> Rows:
    """A row for each dbt command on no rows."""
    return [[command, f"{seconds:,.1f}"] for command, seconds in measurement.fixed_costs.items()]


DAILY_COLUMNS = ["", "CPU s", "of it SQL", "to full rebuild", "wall s", "peak MiB", "load before"]
DAILY_NODE_COLUMNS = ["model or test", "CPU s", "in a full rebuild", "ratio"]


def daily_rows(measurement: DailyMeasurement) -> Rows:
    """A row for each run of the day; tests, as sums of single ones, last."""
    rows = []
    for run, costs in measurement.costs.items():
        cells = [DAILY_RUNS[run], f"{measurement.median(run):,.1f}"]
        cells += [f"{measurement.sql(run):,.1f}", f"{measurement.ratio(run):.3f}"] if run in FIXED_COSTS else ["", ""]
        cells += [
            f"{measurement.median(run, 'wall_seconds'):,.1f}",
            f"{measurement.median(run, 'peak_memory_mib'):,.0f}",
            " ".join(f"{cost.load_before:.1f}" for cost in costs),
        ]
        rows.append(cells)
    all_tests = measurement.tests("full")
    for run, name in (("full", "tests of a full rebuild"), ("day", "tests of a daily run")):
        seconds = measurement.tests(run)
        rows.append([name, "", f"{seconds:,.1f}", f"{seconds / all_tests:.3f}", "", "", ""])
    return rows


def day_table(measurement: DailyMeasurement) -> tuple[list[str], Rows]:
    """A column for each day that was measured."""
    columns = ["rows", *(DAILY_RUNS[day] for day in measurement.days)]
    names = next(iter(measurement.days.values()))
    return columns, [[name, *(f"{day[name]:,}" for day in measurement.days.values())] for name in names]


def daily_node_rows(measurement: DailyMeasurement) -> Rows:
    """A row for each of the day's dearest models and tests."""
    dearest = sorted(measurement.nodes, key=lambda node: -node["day_cpu_seconds"])[:SLOWEST_PARTS]
    return [
        [
            node["name"],
            f"{node['day_cpu_seconds']:,.2f}",
            f"{node['full_cpu_seconds']:,.2f}",
            f"{node['day_cpu_seconds'] / node['full_cpu_seconds']:.2f}" if node["full_cpu_seconds"] > 0 else "",
        ]
        for node in dearest
    ]


def target_rows(judged: list[tuple[str, float, float]]) -> Rows:
    """A row for each target, and whether it holds."""
    return [
        [name, f"{reached:.3f}" if limit < 1 else f"{reached:.2f}", f"<= {limit}", "yes" if reached <= limit else "no"]
        for name, reached, limit in judged
    ]


# ---------------------------------------------------------------- files


def write_readme(
    measurements: list[Measurement],
    daily: list[DailyMeasurement],
    lots: list[LotsMeasurement],
    plot: Path | None,
) -> Path:
    """Write results/README.md of the newest measurements; the file."""
    lines = ["# Results", "", "Made by `make bench`; [../README.md](../README.md) says how to read them.", ""]
    if plot:
        lines += [f"![CPU seconds by part, beside the opponents]({plot.name})", ""]
    for measurement in measurements:
        lines += [f"## {measurement.orders:,} orders, {measurement.date}", "", *describe(measurement), ""]
        lines += markdown_table(COST_COLUMNS, cost_rows(measurement))
        if measurement.parts:
            lines += ["Where the build's CPU goes:", ""]
            lines += markdown_table(PART_COLUMNS, part_rows(measurement))
            lines += ["The dearest models and tests:", ""]
            lines += markdown_table(NODE_COLUMNS, node_rows(measurement))
            lines += ["dbt with nothing to do:", ""]
            lines += markdown_table(FIXED_COLUMNS, fixed_rows(measurement))
    for measurement in daily:
        heading = f"## One day more, {measurement.orders:,} orders of history, {measurement.date}"
        lines += [heading, "", *describe(measurement), ""]
        lines += markdown_table(DAILY_COLUMNS, daily_rows(measurement))
        lines += ["What the day brings:", ""]
        lines += markdown_table(*day_table(measurement))
        lines += ["The day's dearest models and tests, without what they cost in an empty shop:", ""]
        lines += markdown_table(DAILY_NODE_COLUMNS, daily_node_rows(measurement))
    for measurement in lots:
        heading = f"## Lots of points, {measurement.orders:,} orders, {measurement.date}"
        lines += [heading, "", *describe(measurement), ""]
        lines += markdown_table(LOTS_COLUMNS, lots_rows(measurement))
        lines += markdown_table(LEDGER_COLUMNS, ledger_rows(measurement))
    judged = targets(of_last_date(measurements)) + daily_targets(of_last_date(daily))
    if rows := target_rows(judged + lots_targets(of_last_date(lots))):
        lines += ["## Targets", "", *markdown_table(TARGET_COLUMNS, rows)]
    path = RESULTS / "README.md"
    path.write_text("\n".join(lines).rstrip() + "\n")
    return path


def of_last_date(measurements: list[Any]) -> list[Any]:
    """Sizes are compared where one run has measured them."""
    return [measurement for measurement in measurements if measurement.date == measurements[-1].date]


def describe(measurement: Measurement | DailyMeasurement | LotsMeasurement) -> list[str]:
    """Machine, versions, memory limit and rounds, as lines of text."""
    machine, versions = measurement.machine, measurement.versions
    rounds = max((len(costs) for costs in measurement.costs.values()), default=0)
    return [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB; {machine['system']};",
        ", ".join(f"{name} {version}" for name, version in versions.items()) + ";",
        f"DuckDB's memory limit {measurement.memory_limit}. Medians of {rounds} rounds.",
    ]


def markdown_table(columns: list[str], rows: Rows) -> list[str]:
    """A table's lines, and an empty one."""
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    return [line(columns), line(["---", *["---:"] * (len(columns) - 1)]), *map(line, rows), ""]


def plot(measurements: list[Measurement], path: Path) -> Path:
    """One panel per size: the build's bar stacked by part, beside the opponents'."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(
        1, len(measurements), figsize=(6.4 * len(measurements), 5.2), squeeze=False, layout="constrained"
    )
    for panel, measurement in zip(panels[0], measurements, strict=True):
        draw(panel, measurement)
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
    return path


def draw(panel, measurement: Measurement) -> None:
    """One size: the build's bar by part, beside a bar for each opponent."""
    ground = 0.0
    parts = measurement.scaled_parts()
    for part in sorted(parts, key=lambda part: list(PART_COLOURS).index(part) if part in PART_COLOURS else -1):
        colour = PART_COLOURS.get(part, OTHER_COLOUR)
        panel.bar(title("build"), parts[part], bottom=ground, color=colour, label=part, width=0.65)
        ground += parts[part]
    for opponent in measurement.costs:
        if opponent == "build_without_tests":
            continue
        height = measurement.median(opponent)
        if opponent != "build" or not parts:
            panel.bar(title(opponent), height, color=OPPONENT_COLOURS.get(opponent, "#6b7280"), width=0.65)
        panel.text(title(opponent), height, f"{height:,.1f}", ha="center", va="bottom", fontsize=9)
    panel.set_title(f"{measurement.orders:,} orders")
    panel.set_ylabel("CPU seconds (user + system)")
    panel.tick_params(axis="x", labelsize=8)
    panel.spines[["top", "right"]].set_visible(False)
    if parts:
        panel.legend(reverse=True, fontsize=8, frameon=False, loc="upper right")
