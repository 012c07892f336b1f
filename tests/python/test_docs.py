"""The pages in docs/ say what the warehouse holds, and nothing in it is left undescribed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from harness import REPOSITORY, Build, Builder, Project

DOCS = REPOSITORY / "docs"
sys.path.insert(0, str(DOCS))

import make_glossary  # noqa: E402
import make_page  # noqa: E402
import make_pictures  # noqa: E402
import refresh_results  # noqa: E402
import warehouses as shops  # noqa: E402

PAGES = [page.name for page in refresh_results.pages()]

# The files in which a reader of the warehouse names what it reads.
FILES_OF_READERS = {
    "demo_summary": ("demo/show.py",),
    "doctor": ("doctor/*.py",),
    "benchmark": ("benchmarks/*.py",),
    "pages": ("docs/*.md", "docs/make_pictures.py"),
    "landing_data_docs": ("landing/data_docs_index.html",),
}
READS_EVERY_QUARANTINE = {"demo_summary", "doctor", "benchmark"}

CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)
LINK = re.compile(r"\]\(([^)]*)\)")
YEAR = range(1900, 2100)
# 14.7 %, 1,157 or 23570, where it stands alone: no part of a word, a version or a date.
FIGURE = re.compile(r"(?<![\w.,-])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)( %)?(?![\w-]|[.,]\d)")


@pytest.fixture(scope="module")
def warehouses(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> shops.Warehouses:
    return shops.build_warehouses(build, tmp_path_factory.mktemp("docs"))


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def test_the_pages_are_found() -> None:
    assert {
        "read_a_mart.md",
        "reconcile_with_your_shops_report.md",
        "which_retention_is_yours.md",
    } <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_every_query_is_run(page: str) -> None:
    """A block without a shop would be shown and never run."""
    names = [query["shop"] for query in refresh_results.queries(DOCS / page)]
    assert len(names) == len(re.findall("^```sql", text_of(page), re.M))
    assert set(names) <= set(shops.SHOPS)


@pytest.mark.parametrize("page", PAGES)
def test_results_are_those_of_the_queries(warehouses: shops.Warehouses, page: str) -> None:
    now = refresh_results.refreshed(text_of(page), warehouses)
    assert now.splitlines() == text_of(page).splitlines(), (
        f"docs/{page} is out of date: .venv/bin/python docs/refresh_results.py rewrites its tables"
    )


def figures_of_tables(page: str) -> list[str]:
    """Every number in a result table of the page, without thousands separators."""
    tables = [query["table"] or "" for query in refresh_results.queries(DOCS / page)]
    cells = re.split(r"[|\n]", "\n".join(tables).replace(",", ""))
    return [cell.strip() for cell in cells if re.fullmatch(r"-?\d+(\.\d+)?", cell.strip())]


def figures_of_text(page: str) -> list[tuple[str, bool]]:
    """Each figure that a sentence names, and whether it is a percentage.

    A year is none, and below 100 it is a setting (90 days) or a count of things on the page.
    """
    queries = refresh_results.QUERY.sub("", text_of(page))
    return [
        (number, bool(percent))
        for number, percent in FIGURE.findall(LINK.sub("]", CODE.sub("", queries)))
        if percent or (float(number.replace(",", "")) >= 100 and not is_year(number))
    ]


def is_year(number: str) -> bool:
    return number.isdigit() and int(number) in YEAR


@pytest.mark.parametrize("page", PAGES)
def test_figures_in_sentences_stand_in_a_table(page: str) -> None:
    """A percentage is a ratio in a table, rounded to the digits that the sentence gives."""
    counts = set(figures_of_tables(page))
    rates = [float(figure) for figure in counts if "." in figure]
    missing = []
    for number, is_percentage in figures_of_text(page):
        if not is_percentage:
            found = number.replace(",", "") in counts
        else:
            # A table holds four digits: half a unit of its last may be lost on the way.
            tolerance = 0.5 * 10 ** -(len(number.partition(".")[2]) + 2) + 0.5e-4
            found = any(abs(float(number) / 100 - rate) <= tolerance for rate in rates)
        if not found:
            missing.append(number)
    assert not missing


def test_sentences_with_figures_are_found() -> None:
    """Guards the test above: the three readings of January 1997's first month are among them."""
    found = figures_of_text("which_retention_is_yours.md")
    assert {("14.7", True), ("46.6", True), ("7,846", False), ("33.94", True)} <= set(found)


def test_glossary_is_that_of_the_macros() -> None:
    assert text_of("metrics.md") == make_glossary.glossary(), "make docs writes docs/metrics.md"


def test_read_a_mart_has_every_mart(project: Project) -> None:
    marts = {
        node.name
        for node in project.manifest.nodes.values()
        if node.resource_type == "model" and node.fqn[1] == "marts"
    }
    listed = set(re.findall(r"^\| `(\w+)` \|", text_of("read_a_mart.md"), re.M))
    assert listed == marts


def test_links_of_the_glossary_lead_to_its_entries() -> None:
    headings = re.findall("^## (.+)$", text_of("metrics.md"), re.M)
    assert re.findall(r"\(#(.+)\)", text_of("metrics.md")) == headings


def test_the_command_that_runs_a_query_runs(warehouses: shops.Warehouses, tmp_path: Path) -> None:
    """As a reader would: in a shell, on the demo's warehouse."""
    (page,) = (page for page in PAGES if page.startswith("reconcile"))
    (command,) = re.findall("```bash\n(.*?)```", text_of(page), re.S)
    (tmp_path / "query.sql").write_text(next(refresh_results.queries(DOCS / page))["sql"])
    (tmp_path / "warehouse.duckdb").symlink_to(warehouses["demo"].path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    shown = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, check=True, text=True
    )
    assert "raw_gross_sales" in shown.stdout


def test_the_picture_shows_the_marts(warehouses: shops.Warehouses) -> None:
    picture = make_pictures.PICTURE
    assert picture.stat().st_size < 150_000
    shown, now = make_pictures.fingerprint_in(picture), make_pictures.fingerprint(warehouses)
    assert shown == now, "make pictures draws it anew"


def test_exposures_name_what_is_read(project: Project) -> None:
    models = {
        node.name: node.fqn
        for node in project.manifest.nodes.values()
        if node.resource_type == "model"
    }
    quarantines = {name for name, fqn in models.items() if "quarantine" in fqn}
    exposures = {exposure.name: exposure for exposure in project.manifest.exposures.values()}
    assert set(exposures) >= set(FILES_OF_READERS)
    for reader, patterns in FILES_OF_READERS.items():
        files = [file for pattern in patterns for file in REPOSITORY.glob(pattern)]
        assert files, f"exposure {reader}: there is no such reader"
        said = "\n".join(queries_in(file) for file in files)
        # A quarantine table is not called by its model's name: quarantine.orders.
        words = set(re.findall(r"\w+", said.replace("quarantine.", "quarantine_")))
        read = (words & set(models)) | (quarantines if reader in READS_EVERY_QUARANTINE else set())
        declared = {unique_id.split(".")[-1] for unique_id in exposures[reader].depends_on.nodes}
        assert declared == read, f"models/marts/_exposures.yml, {reader}"


def queries_in(file: Path) -> str:
    """What a file asks of the warehouse; of a page its queries alone."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        return "\n".join(query["sql"] for query in refresh_results.QUERY.finditer(text))
    return text


@pytest.fixture(scope="module")
def target(project: Project, warehouses: shops.Warehouses) -> Path:
    """Where dbt's documentation of the demo shop's warehouse was made."""
    demo: Build = warehouses["demo"]
    demo.close()
    result, output = project._invoke(
        ["docs", "generate"], project.manifest.deepcopy(), demo.path, demo.path.parent / "raw"
    )
    assert result.success, output
    return project.scratch / "target"


def test_nothing_is_undescribed(target: Path) -> None:
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    make_page.describe(manifest, catalog)
    assert list(make_page.undescribed(manifest, catalog)) == []


def test_marts_are_described_where_they_stand(target: Path) -> None:
    """What BI reads is described in its own YAML, column by column, and inherits nothing."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    catalog = json.loads((target / "catalog.json").read_text(encoding="utf-8"))
    missing = [
        said
        for said in make_page.undescribed(manifest, catalog)
        if re.match(r"(column )?(dim|fct|rpt)_", said)
    ]
    assert missing == []


ANALYSES = sorted((REPOSITORY / "analyses").glob("*.sql"))


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda analysis: analysis.stem)
def test_an_analysis_answers_with_the_figures_it_names(
    analysis: Path, target: Path, warehouses: shops.Warehouses
) -> None:
    """What its comment says of the demo shop is what the query finds there."""
    (compiled,) = target.glob(f"compiled/*/analyses/{analysis.name}")
    rows = warehouses["demo"].rows(compiled.read_text(encoding="utf-8"))
    found = [
        float(cell) for row in rows for cell in row.values() if type(cell) in (int, float, Decimal)
    ]
    comment = " ".join(re.findall("^-- ?(.*)$", analysis.read_text(encoding="utf-8"), re.M))
    figures = FIGURE.findall(comment.partition("The demo shop")[2])
    assert rows and figures
    missing = []
    for number, percent in figures:
        if not percent and is_year(number):
            continue
        scale = 100 if percent else 1
        tolerance = 0.5 * 10 ** -len(number.partition(".")[2]) / scale + 1e-9
        value = float(number.replace(",", "")) / scale
        is_setting = not percent and "." not in number and value < 100
        if not is_setting and not any(abs(value - cell) <= tolerance for cell in found):
            missing.append(number)
    assert not missing


def test_the_page_holds_what_dbt_would_fetch(target: Path) -> None:
    make_page.main(target)
    page = (target / "static_index.html").read_text(encoding="utf-8")
    assert "INLINE DATA" not in page
    assert "rpt_retention_by_cohort" in page
