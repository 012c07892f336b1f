"""Rows against rows: every difference in words, the first of them in the message."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

SHOWN = 25


def is_same(expected: Any, actual: Any, tolerance: float = 1e-9) -> bool:
    """Counts, dates, text and money exactly; floats within the tolerance."""
    if expected is None or actual is None:
        return expected is None and actual is None
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, float):
        return math.isclose(expected, float(actual), rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(expected, Decimal) and isinstance(actual, float):
        # Money as a float is a wrong type, however near it comes.
        return False
    return expected == actual


def differences(
    table: str,
    grain: Sequence[str],
    expected: Iterable[Mapping[str, Any]],
    actual: Iterable[Mapping[str, Any]],
    tolerance: float = 1e-9,
) -> list[str]:
    """Every missing row, surplus row, absent column and unequal cell.

    Columns that only `actual` has are no difference: tables may carry more than was promised.
    """
    wanted, found = _by_grain(grain, expected), _by_grain(grain, actual)
    said = [f"{table}: the row {key} is missing" for key in wanted if key not in found]
    said += [f"{table}: the row {key} is too much" for key in found if key not in wanted]
    said += [f"{table}: {len(rows)} rows {key}" for key, rows in found.items() if len(rows) > 1]
    for key in wanted.keys() & found.keys():
        said += _cell_differences(table, key, wanted[key][0], found[key][0], tolerance)
    return said


def _by_grain(
    grain: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> dict[tuple, list[Mapping[str, Any]]]:
    by_grain: dict[tuple, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_grain.setdefault(tuple(row[name] for name in grain), []).append(row)
    return by_grain


def _cell_differences(
    table: str,
    key: tuple,
    expected: Mapping[str, Any],
    actual: Mapping[str, Any],
    tolerance: float,
) -> list[str]:
    label = ", ".join(str(part) for part in key)
    said = []
    for name, value in expected.items():
        if name not in actual:
            said.append(f"{table}: no column {name}")
        elif not is_same(value, actual[name], tolerance):
            said.append(f"{table} [{label}] {name}: expected {value!r}, found {actual[name]!r}")
    return said


def report(said: Sequence[str]) -> str:
    """How many differences there are, of which tables, and the first of them."""
    by_table = Counter(line.split(":")[0].split(" [")[0] for line in said)
    counts = ", ".join(f"{count} of {table}" for table, count in by_table.most_common())
    more = f"\n... and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
    return f"{len(said)} differences ({counts}):\n" + "\n".join(said[:SHOWN]) + more
