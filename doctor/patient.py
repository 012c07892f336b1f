"""What the doctor's questions are put to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
from dbt.contracts.graph.manifest import Manifest

from doctor.build import Found
from doctor.declaration import Table

Row = dict[str, Any]


@dataclass(frozen=True)
class Patient:
    """The built database, the declaration, what was found of it and the project's vars."""

    connection: duckdb.DuckDBPyConnection
    manifest: Manifest
    tables: Mapping[str, Table]
    found: Mapping[str, Found | None]
    variables: Mapping[str, Any]

    def rows(self, sql: str) -> list[Row]:
        """The rows of a query."""
        cursor = self.connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def value(self, sql: str) -> Any:
        """The only cell of a query's only row."""
        [[cell]] = self.connection.execute(sql).fetchall()
        return cell

    def model(self, name: str) -> str:
        """The relation that a model was built as."""
        [node] = [node for node in self.manifest.nodes.values() if node.name == name]
        return node.relation_name

    @property
    def present(self) -> Iterator[tuple[Table, Found]]:
        """The tables that were found."""
        for name, found in self.found.items():
            if found:
                yield self.tables[name], found
