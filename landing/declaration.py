"""The raw tables as models/staging/_raw__sources.yml declares them.

Tables are mappings, since macros read them. Doctor has a declaration of its own, of dbt's manifest.
"""

from __future__ import annotations

from typing import Any

import yaml

from landing.macros import PROJECT

Table = dict[str, Any]
Column = dict[str, Any]

# When a row was written and when it came say nothing of what it is about.
LOAD_COLUMNS = ("updated_at", "_loaded_at")


def declared(source: str, file: str) -> dict[str, Table]:
    """The tables of a source, by name. Every column has a config with meta, as in dbt."""
    declaration = yaml.load((PROJECT / file).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    [tables] = [found["tables"] for found in declaration["sources"] if found["name"] == source]
    for table in tables:
        columns = [{"config": {"meta": {}}, **column} for column in table["columns"]]
        table["columns"] = {column["name"]: column for column in columns}
    return {table["name"]: table for table in tables}


def raw_tables() -> dict[str, Table]:
    """The raw tables that the project declares, by name."""
    return declared("raw", "models/staging/_raw__sources.yml")


def key(table: Table) -> list[str]:
    """The columns that identify a record of the table."""
    return table["config"]["meta"]["key"]


def event_column(table: Table) -> str | None:
    """The first moment or day that a table needs, else the first it has, else its last change."""
    moments = [
        column
        for column in table["columns"].values()
        if column["data_type"] in ("timestamp", "date") and column["name"] not in LOAD_COLUMNS
    ]
    moments.sort(key=lambda column: not meta(column).get("required"))
    return moments[0]["name"] if moments else "updated_at"


def meta(column: Column) -> dict[str, Any]:
    """What is declared of a column beyond its type: whether it is required, its default, its format."""
    return column["config"]["meta"]


def is_amount(column: Column) -> bool:
    """Money, points and quantities."""
    return column["data_type"] == "decimal(18,4)"


def is_word(column: Column) -> bool:
    """A status, type, channel, currency: one of a few words."""
    return meta(column).get("format") in ("word", "code")
