"""The project's own raw macros, run without dbt: where a raw table lies, and what its cells hold.

Starting dbt and parsing the project costs more than everything else that landing does. The macros
themselves are plain Jinja, so that the same code finds, reads and parses raw files here and in a
build, with the same messages about what is wrong with them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
from jinja2 import nodes

PROJECT = Path(__file__).resolve().parents[1]
FOLDERS = ("macros/raw", "macros/cross_db")
ENGINE = "duckdb"


class Fault(Exception):
    """What stops a load, in one line."""


class _Returned(Exception):
    """`{{ return(value) }}` ends a macro wherever it stands, as in dbt."""


class _Column:
    def __init__(self, cells: list[Any]):
        self.cells = cells

    def values(self) -> list[Any]:
        return self.cells


class _Row(dict[str, Any]):
    """A row's cells by name or by position."""

    def __getitem__(self, name: str | int) -> Any:
        return list(self.values())[name] if isinstance(name, int) else super().__getitem__(name)


class _Rows(list[_Row]):
    """The rows of a query, as far as macros ask of dbt's: by name, and by column."""

    @property
    def columns(self) -> list[_Column]:
        names = self[0] if self else ["nothing"]
        return [_Column([row[name] for row in self]) for name in names]


class Macros:
    """The macros of the folders above as functions, on a connection and with the project's vars."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, variables: Mapping[str, Any]):
        self.connection = connection
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals.update(
            adapter=SimpleNamespace(dispatch=self._dispatch, quote=lambda name: f'"{name}"'),
            dbt=SimpleNamespace(type_string=lambda: "varchar"),
            env_var=os.environ.get,
            exceptions=SimpleNamespace(raise_compiler_error=_stop),
            modules=SimpleNamespace(re=re),
            run_query=self._run_query,
            var=variables.__getitem__,
        )
        environment.globals["return"] = _return
        # One template per macro: those of one file would call each other past our `return`.
        self.functions = {
            macro.name: _function(environment, macro) for macro in _parsed_macros(environment)
        }
        environment.globals.update(self.functions)

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self.functions[name]

    def _dispatch(self, name: str) -> Callable[..., Any]:
        variant = f"{ENGINE}__{name}"
        return self.functions[variant if variant in self.functions else f"default__{name}"]

    def _run_query(self, sql: str) -> _Rows:
        cursor = self.connection.execute(sql)
        if not cursor.description:
            return _Rows()
        names = [column[0] for column in cursor.description]
        return _Rows(_Row(zip(names, cells, strict=True)) for cells in cursor.fetchall())


def _parsed_macros(environment: jinja2.Environment) -> Iterator[nodes.Macro]:
    for folder in FOLDERS:
        for file in sorted((PROJECT / folder).glob("*.sql")):
            yield from environment.parse(file.read_text(encoding="utf-8")).find_all(nodes.Macro)


def _function(environment: jinja2.Environment, macro: nodes.Macro) -> Callable[..., Any]:
    template = environment.from_string(nodes.Template([macro], lineno=macro.lineno))

    def call(*arguments: Any) -> Any:
        try:
            return getattr(template.module, macro.name)(*arguments)
        except _Returned as returned:
            return returned.args[0]

    return call


def _return(value: Any) -> None:
    raise _Returned(value)


def _stop(message: str) -> None:
    raise Fault(" ".join(message.split()))
