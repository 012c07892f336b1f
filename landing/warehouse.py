"""A DuckDB database opened as a build opens the warehouse, with the settings of profiles.yml."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import yaml

PROFILES = Path(__file__).parent.parent / "profiles.yml"


def connect(database: str = ":memory:", memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Its memory is capped by `memory_limit`, else by RETENTION_MEMORY_LIMIT.

    Raises duckdb.Error where the database cannot be opened.
    """
    output = yaml.safe_load(PROFILES.read_text())["retention_warehouse"]["outputs"]["duckdb"]
    memory_limit = memory_limit or os.environ.get("RETENTION_MEMORY_LIMIT", "4GiB")
    connection = duckdb.connect(database, config={**output["config_options"], "memory_limit": memory_limit})
    for name, value in output["settings"].items():
        connection.execute(f"set {name} = '{value}'")
    return connection
