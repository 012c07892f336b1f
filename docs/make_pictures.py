"""python docs/make_pictures.py: draws docs/pictures/cohort_heatmaps.png from the marts.

Left CDNOW, right the demo shop, both on one scale of one colour, which every eye and every printer
tells apart. The picture carries a fingerprint of the figures that it shows: a test compares it with
the marts.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

from matplotlib import pyplot  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.colors import LinearSegmentedColormap, Normalize  # noqa: E402
from PIL import Image, PngImagePlugin  # noqa: E402
from warehouses import PROJECT, Build, Warehouses, built_warehouses  # noqa: E402

from demo.show import DARK, LIGHT  # noqa: E402

PICTURE = PROJECT / "docs/pictures/cohort_heatmaps.png"
FINGERPRINT = "figures"

MONTHS = 12
COHORTS = 18
# Inches at 200 dots: 1,600 pixels wide, so sharp at 800 on a dense screen.
SIZE, DOTS = (8.0, 4.9), 200
COLOURS_OF_THE_FILE = 192

INK, SOFT = "#1b2733", "#66727d"
SCALE = LinearSegmentedColormap.from_list(
    "retention", [[part / 255 for part in colour] for colour in (LIGHT, DARK)]
)
DARK_GROUND = 0.55
# Okabe and Ito's blue, vermilion and green: told apart by all, and each line is named beside it.
READINGS = {
    "on_or_after_retention_rate": ("in month k or later", "#0072b2", "-"),
    "repurchase_rate": ("second order by now", "#009e73", "--"),
    "retention_rate": ("in month k", "#d55e00", "-"),
}

Rows = list[dict[str, Any]]


def figures(warehouse: Build) -> Rows:
    """What the picture shows of one shop: its latest cohorts, in the months after the first."""
    return warehouse.rows(
        f"""
        select cohort_start, cohort_size, period_number, {", ".join(READINGS)}
        from marts.rpt_retention_by_cohort
        where
            period_grain = 'month'
            and segment_type = 'all'
            and is_complete
            and period_number between 1 and {MONTHS}
            and cohort_start in (
                select distinct cohort_start from marts.rpt_retention_by_cohort
                where
                    period_grain = 'month'
                    and segment_type = 'all'
                    and is_complete
                    and period_number = 1
                order by cohort_start desc
                limit {COHORTS}
            )
        order by cohort_start, period_number
        """
    )


def fingerprint(warehouses: Warehouses) -> str:
    """Changes with any figure in the picture."""
    shown = [
        [round(cell, 6) if isinstance(cell, float) else str(cell) for cell in row.values()]
        for shop in ("cdnow", "demo")
        for row in figures(warehouses[shop])
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def fingerprint_in(picture: Path) -> str:
    """The fingerprint that a picture was drawn with; empty where it has none."""
    with Image.open(picture) as image:
        return image.info.get(FINGERPRINT, "")


def draw(warehouses: Warehouses, picture: Path) -> None:
    """Both cohort triangles side by side, on one scale of colours."""
    cdnow, demo = figures(warehouses["cdnow"]), figures(warehouses["demo"])
    largest = max(row["retention_rate"] for row in cdnow + demo)
    scale = Normalize(0, largest)

    pyplot.rcParams.update({"font.family": "DejaVu Sans", "font.size": 7.5, "text.color": INK})
    canvas = pyplot.figure(figsize=SIZE, facecolor="white")
    canvas.text(
        0.012, 0.962, "% of a month's new customers who order again in month k after",
        fontsize=10.5, fontweight="bold",
    )  # fmt: skip
    row_height = 0.80 / COHORTS
    top = 0.855
    cohorts_of_cdnow = len({row["cohort_start"] for row in cdnow})
    left = (0.105, top - row_height * cohorts_of_cdnow, 0.365, row_height * cohorts_of_cdnow)
    right = (0.605, top - row_height * COHORTS, 0.365, row_height * COHORTS)
    _heatmap(canvas.add_axes(left), cdnow, scale, "CDNOW, 1997")
    _heatmap(canvas.add_axes(right), demo, scale, "The demo shop")
    _readings(canvas.add_axes((0.105, 0.085, 0.365, 0.46)), cdnow)

    drawn = io.BytesIO()
    canvas.savefig(drawn, dpi=DOTS, format="png")
    pyplot.close(canvas)
    _save_small(drawn, picture, fingerprint(warehouses))


def _heatmap(axes: Axes, rows: Rows, scale: Normalize, title: str) -> None:
    sizes = {row["cohort_start"]: row["cohort_size"] for row in rows}
    place = {start: number for number, start in enumerate(sizes)}
    cells = [[float("nan")] * MONTHS for _ in sizes]
    for row in rows:
        line, column = place[row["cohort_start"]], row["period_number"] - 1
        rate = row["retention_rate"]
        cells[line][column] = rate
        ink = "white" if scale(rate) > DARK_GROUND else INK
        percent = f"{rate * 100:.0f}"
        axes.text(column, line, percent, ha="center", va="center", color=ink, fontsize=7)
    axes.imshow(cells, cmap=SCALE, norm=scale, aspect="auto", interpolation="nearest")
    axes.set_xticks(range(MONTHS), [str(month + 1) for month in range(MONTHS)])
    axes.set_yticks(range(len(sizes)), [f"{start:%b %Y}" for start in sizes])
    axes.set_xticks([column - 0.5 for column in range(1, MONTHS)], minor=True)
    axes.set_yticks([line - 0.5 for line in range(1, len(sizes))], minor=True)
    axes.grid(which="minor", color="white", linewidth=1.2)
    axes.tick_params(which="both", length=0, labelcolor=SOFT, pad=3)
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)
    axes.set_title(title, loc="left", fontsize=8.5, fontweight="bold", pad=7)


def _readings(axes: Axes, rows: Rows) -> None:
    """The first cohort in three readings: why one word is not enough."""
    first = rows[0]["cohort_start"]
    cohort = [row for row in rows if row["cohort_start"] == first]
    months = [row["period_number"] for row in cohort]
    for column, (label, colour, dashes) in READINGS.items():
        rates = [row[column] * 100 for row in cohort]
        axes.plot(months, rates, color=colour, linestyle=dashes, linewidth=1.6)
        axes.annotate(
            label, *_beside(months, rates, column), textcoords="offset points", color=colour,
            fontsize=7.5, fontweight="bold",
        )  # fmt: skip
    axes.set_ylim(0, 55)
    axes.set_yticks(range(0, 51, 10))
    axes.set_xlim(1, MONTHS)
    axes.set_xticks(range(1, MONTHS + 1))
    axes.grid(axis="y", color="#e3e8ed", linewidth=0.8)
    axes.tick_params(length=0, labelcolor=SOFT)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#c3ccd4")
    axes.set_title(
        f"{first:%B %Y} in three readings, %", loc="left", fontsize=8.5, fontweight="bold", pad=7
    )


def _beside(months: Sequence[int], rates: Sequence[float], column: str) -> tuple:
    """Where a line is named: a month's point and the way from it."""
    month, way = {
        "on_or_after_retention_rate": (1, (10, 5)),
        "repurchase_rate": (7, (4, -15)),
        "retention_rate": (2, (6, 3)),
    }[column]
    return (months[month - 1], rates[month - 1]), way


def _save_small(drawn: io.BytesIO, picture: Path, figures_shown: str) -> None:
    """Few colours make a small file; dithering would blur the digits."""
    with Image.open(drawn) as image:
        small = image.convert("RGB").quantize(COLOURS_OF_THE_FILE, dither=Image.Dither.NONE)
    text = PngImagePlugin.PngInfo()
    text.add_text(FINGERPRINT, figures_shown)
    picture.parent.mkdir(parents=True, exist_ok=True)
    small.save(picture, optimize=True, pnginfo=text)


if __name__ == "__main__":
    with built_warehouses() as built:
        draw(built, PICTURE)
    print(f"{PICTURE.relative_to(PROJECT)}: {PICTURE.stat().st_size / 1000:.0f} kB")
