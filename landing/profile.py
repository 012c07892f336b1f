"""What DuckDB knows of the batches of a raw table.

Cells are typed by the project's own macros and before defaults, so that a null share counts what is
blank, absent or unreadable. Of text, only words are kept (status, channel, ...): no personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from landing.declaration import Table, event_column, is_amount, is_word, key
from landing.macros import Macros

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass
class ColumnProfile:
    """A column of a batch. Amounts: quantiles of the positive ones. Words: rows by word."""

    data_type: str
    null_rows: int
    distinct_values: int | None = None
    lowest: str | None = None
    highest: str | None = None
    positive_rows: int | None = None
    quantiles: tuple[float, ...] | None = None
    words: dict[str, int] | None = None


@dataclass
class Batch:
    """The rows of one load of a table. Hours are from the newest event to the load.

    `is_daily`: the batch is a day of loads, and not the table as it lies there.
    """

    table: str
    batch_id: str
    batch_at: datetime
    is_daily: bool
    row_count: int
    known_rows: int | None = None
    newest_event_at: datetime | None = None
    hours_since_newest_event: float | None = None
    fingerprint: str = ""
    columns: dict[str, ColumnProfile] = field(default_factory=dict)


class RawTable:
    """A raw table that was found, and the expressions of its typed columns over `raw_rows`."""

    def __init__(self, macros: Macros, table: Table, found: Mapping[str, Any]):
        self.connection = macros.connection
        self.declaration = table
        self.name: str = table["name"]
        self.found = found
        present = found["columns"]
        self.values: dict[str, str] = {
            name: macros["parse_cell"](column, macros["raw_cell"](present[name]), present[name]["type"])["value"]
            for name, column in table["columns"].items()
            if name in present
        }
        self.is_daily = "_loaded_at" in present
        if self.is_daily:
            self.loaded_at = self.values["_loaded_at"]
            self.batch = f"cast({macros['to_local_date'](self.loaded_at)} as varchar)"
        else:
            self.loaded_at = f"timestamp '{_changed_at(found['home'])}'"
            self.batch = f"cast({self.loaded_at} as varchar)"

    def batches(self, since: datetime | None) -> list[Batch]:
        """The batches that are there, oldest first, with their rows and the moment of their load."""
        rows = self.connection.execute(
            f"select {self.batch}, max({self.loaded_at}), count(*) from {self.found['from']} as raw_rows "
            f"where {self._since(since)} group by 1 having count({self.batch}) > 0 order by 1"
        ).fetchall()
        return [Batch(self.name, *row[:2], self.is_daily, row[2]) for row in rows]

    def has_rows(self) -> bool:
        """Whether the table holds any row at all."""
        rows = self.connection.execute(f"select 1 from {self.found['from']} limit 1").fetchall()
        return bool(rows)

    def _since(self, moment: datetime | None) -> str:
        # A plain comparison, so that Parquet files and row groups before it are not read.
        return f"{self.loaded_at} >= timestamp '{moment}'" if moment and self.is_daily else "true"

    def profile(self, batches: Iterable[Batch], most_words: int, known_ids_days: int) -> None:
        """Fills in what is known of some batches of this table."""
        wanted = {batch.batch_id: batch for batch in batches}
        if not wanted:
            return
        first = min(batch.batch_at for batch in wanted.values()) - timedelta(days=1)
        self.connection.execute("create or replace temp table wanted (batch_id varchar)")
        self.connection.executemany("insert into wanted values (?)", [[name] for name in wanted])
        self.connection.execute(
            f"create or replace temp table typed_rows as select * from (select {self._typed()} "
            f"from {self.found['from']} as raw_rows where {self._since(first)}) "
            "where landing_batch in (select batch_id from wanted)"
        )
        for row in self._rows(f"select {self._aggregates()} from typed_rows group by 1"):
            self._fill(wanted[row["landing_batch"]], row)
        for name, column in self.declaration["columns"].items():
            if name in self.values and is_word(column):
                self._fill_words(wanted, name, most_words)
        if self.is_daily and all(name in self.values for name in key(self.declaration)):
            self._fill_known(wanted, first - timedelta(days=known_ids_days))
        self.connection.execute("drop table typed_rows")

    def _typed(self) -> str:
        """Every column: the declared ones typed, the others as they are."""
        columns = [f'{self.values[name]} as "{name}"' for name in self.values]
        columns += [f"raw_rows.{found['identifier']}" for name, found in self._undeclared().items()]
        content = ", ".join(
            f"raw_rows.{found['identifier']}"
            for name, found in sorted(self.found["columns"].items())
            if name != "_loaded_at"
        )
        # Yesterday's rows again carry a new _loaded_at: the rest of the row is its content.
        columns += [
            f"{self.batch} as landing_batch",
            f"{self.loaded_at} as landing_at",
            f"hash({content or 'null'}) as landing_hash",
            f"{self._key()} as landing_key",
        ]
        return ", ".join(columns)

    def _key(self) -> str:
        """The key as one number, of the cells as they came: typed text costs several times as much."""
        present = self.found["columns"]
        names = [name for name in key(self.declaration) if name in present]
        cells = ", ".join(f"raw_rows.{present[name]['identifier']}" for name in names)
        return f"hash({cells})" if cells else "null"

    def _undeclared(self) -> dict[str, Mapping[str, str]]:
        return {n: found for n, found in self.found["columns"].items() if n not in self.values}

    def _aggregates(self) -> str:
        parts = [
            "landing_batch",
            "count(*) as landing_rows",
            "count(*) || ':' || sum(cast(landing_hash as hugeint)) as landing_fingerprint",
        ]
        event = event_column(self.declaration)
        if event in self.values:
            # A row of the future is judged as a row; it does not make a batch fresh.
            moment = f'cast("{event}" as timestamp)'
            parts.append(f"max({moment}) filter ({moment} <= landing_at) as landing_event")
        for name in self.values:
            column = self.declaration["columns"][name]
            parts.append(f'count(*) - count("{name}") as "nulls {name}"')
            parts.append(f'approx_count_distinct("{name}") as "distinct {name}"')
            if is_amount(column) or column["data_type"] in ("bigint", "double", "timestamp"):
                parts.append(f'cast(min("{name}") as varchar) as "lowest {name}"')
                parts.append(f'cast(max("{name}") as varchar) as "highest {name}"')
            if is_amount(column):
                positive = f'filter ("{name}" > 0)'
                parts.append(f'count(*) {positive} as "positive {name}"')
                parts.append(
                    f'quantile_cont(cast("{name}" as double), {list(QUANTILES)}) {positive} '
                    f'as "quantiles {name}"'
                )
        for name, found in self._undeclared().items():
            parts.append(f'count(*) - count({found["identifier"]}) as "nulls {name}"')
        return ", ".join(parts)

    def _fill(self, batch: Batch, row: Mapping[str, Any]) -> None:
        batch.row_count = row["landing_rows"]
        batch.fingerprint = row["landing_fingerprint"]
        batch.newest_event_at = row.get("landing_event")
        if batch.newest_event_at:
            hours = (batch.batch_at - batch.newest_event_at) / timedelta(hours=1)
            batch.hours_since_newest_event = round(hours, 2)
        for name, found in self.found["columns"].items():
            quantiles = row.get(f"quantiles {name}")
            batch.columns[name] = ColumnProfile(
                data_type=found["type"],
                null_rows=row[f"nulls {name}"],
                distinct_values=row.get(f"distinct {name}"),
                lowest=row.get(f"lowest {name}"),
                highest=row.get(f"highest {name}"),
                positive_rows=row.get(f"positive {name}"),
                quantiles=tuple(quantiles) if quantiles else None,
            )

    def _fill_words(self, wanted: Mapping[str, Batch], name: str, most_words: int) -> None:
        words = self._rows(
            f'select landing_batch, "{name}" as word, count(*) as rows from typed_rows '
            f'where "{name}" is not null group by 1, 2 '
            f"qualify row_number() over (partition by landing_batch order by rows desc, word) <= {most_words}"
        )
        for batch in wanted.values():
            batch.columns[name].words = {}
        for row in words:
            wanted[row["landing_batch"]].columns[name].words[row["word"]] = row["rows"]

    def _fill_known(self, wanted: Mapping[str, Batch], since: datetime) -> None:
        """Counts the rows whose key came in an earlier batch, as far back as `since`."""
        counts = self.connection.execute(
            f"""
            with batch_keys as (
                select landing_batch, landing_key, count(*) as rows
                from typed_rows group by 1, 2
            ),

            first_batches as (
                select {self._key()} as landing_key, min({self.batch}) as first_batch
                from {self.found["from"]} as raw_rows
                where {self._since(since)} and {self._key()} in (select landing_key from batch_keys)
                group by 1
            )

            select landing_batch, coalesce(sum(rows) filter (first_batch < landing_batch), 0)
            from batch_keys inner join first_batches using (landing_key)
            group by 1
            """
        ).fetchall()
        for batch_id, rows in counts:
            wanted[batch_id].known_rows = int(rows)

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        cursor = self.connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, cells, strict=True)) for cells in cursor.fetchall()]


def find(macros: Macros, table: Table, raw_schema: str) -> RawTable | None:
    """The raw table, or None where it is absent. Raises Fault, or DuckDB's error about a file."""
    if raw_schema:
        found = macros["find_raw_schema_table"](raw_schema, table["name"])
    else:
        found = macros["find_raw_files"](table["name"])
    macros["check_indispensable_columns"](table, found, raw_schema)
    return RawTable(macros, table, found) if found else None


def _changed_at(home: str) -> datetime:
    """When the newest file of a home was written, UTC; a table of a schema has no such moment."""
    folder, _, pattern = home.partition("/**/")
    files = list(Path(folder).rglob(pattern)) if pattern else [Path(home)]
    moments = [file.stat().st_mtime for file in files if file.is_file()]
    return datetime.fromtimestamp(int(max(moments, default=0)), UTC).replace(tzinfo=None)
