"""python docs/refresh_results.py: runs the queries in docs/*.md and rewrites the table below each.

A query stands in a block ```sql SHOP, where SHOP is one of warehouses.SHOPS; its result follows as
a table. Nobody edits such a table by hand, and a test fails where one is out of date. So the text
around names a figure only where it cannot change: CDNOW's. The demo shop's figures move with the
generator and stand in tables alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouses import PROJECT, Warehouses, built_warehouses

PAGES = PROJECT / "docs"
QUERY = re.compile(
    r"^```sql (?P<shop>\w+)\n(?P<sql>.*?)\n```\n(?:\n(?P<table>(?:\|[^\n]*\n)+))?", re.M | re.S
)
LARGEST_TABLE = 30
DIGITS = 6


def pages() -> list[Path]:
    """The pages that hold a query."""
    return [page for page in sorted(PAGES.glob("*.md")) if QUERY.search(page.read_text("utf-8"))]


def queries(page: Path) -> Iterator[re.Match[str]]:
    """The queries of a page that a shop answers, with the tables below them."""
    return QUERY.finditer(page.read_text(encoding="utf-8"))


def refreshed(text: str, warehouses: Warehouses) -> str:
    """The page with the result of each query below it."""

    def answer(query: re.Match[str]) -> str:
        table = result_table(warehouses[query["shop"]].rows(query["sql"]))
        return f"```sql {query['shop']}\n{query['sql']}\n```\n\n{table}"

    return QUERY.sub(answer, text)


def result_table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a Markdown table; numbers stand to the right."""
    assert 0 < len(rows) <= LARGEST_TABLE, f"{len(rows)} rows make no table to read"
    columns = {name: _written([row[name] for row in rows]) for name in rows[0]}
    rules = ["---:" if _is_number(rows, name) else "---" for name in columns]
    lines = [list(columns), rules, *zip(*columns.values(), strict=True)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _is_number(rows: Sequence[dict[str, Any]], name: str) -> bool:
    cells = [row[name] for row in rows if row[name] is not None]
    return all(type(cell) in (int, float, Decimal) for cell in cells)


def _written(cells: Sequence[Any]) -> list[str]:
    """One column: as many digits as the longest of its numbers needs, in pairs."""
    numbers = [cell for cell in cells if isinstance(cell, (float, Decimal))]
    needed = [f"{cell:.{DIGITS}f}".rstrip("0").partition(".")[2] for cell in numbers]
    digits = max((len(text) for text in needed), default=0)
    return [_cell(cell, digits + digits % 2) for cell in cells]


def _cell(cell: Any, digits: int) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (float, Decimal)):
        return f"{cell:,.{digits}f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def main() -> int:
    """Rewrites the pages, those named or all, and says which changed."""
    named = [Path(name).resolve() for name in sys.argv[1:]]
    with built_warehouses() as warehouses:
        for page in named or pages():
            before = page.read_text(encoding="utf-8")
            after = refreshed(before, warehouses)
            page.write_text(after, encoding="utf-8")
            print(f"{page.relative_to(PROJECT)}: {'as it was' if after == before else 'rewritten'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
