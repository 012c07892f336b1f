"""The raw tables as models/staging/_raw__sources.yml declares them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from dbt.contracts.graph.manifest import Manifest


@dataclass(frozen=True)
class Column:
    """A declared column. `default` is a literal, {var: }, {column: } or {hash_of: }, or None."""

    name: str
    data_type: str
    description: str
    default: Any
    is_indispensable: bool
    is_id: bool


@dataclass(frozen=True)
class Table:
    """A declared raw table. `is_read` is false while no model of the project reads it."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    is_read: bool


def declared_tables(manifest: Manifest) -> dict[str, Table]:
    """Every raw table, in the order of its declaration."""
    read = {parent for node in manifest.nodes.values() for parent in node.depends_on_nodes}
    return {
        source.name: Table(
            name=source.name,
            description=source.description,
            key=tuple(source.config.meta["key"]),
            columns={column.name: _column(column) for column in source.columns.values()},
            is_read=source.unique_id in read,
        )
        for source in manifest.sources.values()
        if source.source_name == "raw"
    }


def _column(declared: Any) -> Column:
    meta = declared.config.meta
    return Column(
        name=declared.name,
        data_type=declared.data_type,
        description=declared.description,
        default=meta.get("default"),
        is_indispensable=bool(meta.get("indispensable")),
        is_id=meta.get("format") == "id",
    )


def did_you_mean(name: str, candidates: Iterable[str], likeness: float) -> str | None:
    """The candidate that is spelt most like a name, or None. `likeness` is 0 (any) to 1 (equal)."""
    plain = {_plain(candidate): candidate for candidate in candidates}
    # A bare 'discount' is an amount, although 'discount_code' is spelt more like it.
    if f"{_plain(name)}_amount" in plain:
        return plain[f"{_plain(name)}_amount"]
    close = get_close_matches(_plain(name), plain, n=1, cutoff=likeness)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")
