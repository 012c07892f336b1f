"""Profiles and verdicts in the warehouse: schema `landing`, which no build touches.

Its tables are made as models/staging/landing/_landing__sources.yml declares them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from landing.declaration import declared
from landing.profile import Batch, ColumnProfile
from landing.rules import CRITICAL, Check

SOURCES = "models/staging/landing/_landing__sources.yml"
WHOLE = "(batch)"


class History:
    """What is known of earlier batches."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self.connection = connection
        connection.execute("create schema if not exists landing")
        self.tables = declared("landing", SOURCES)
        for name, table in self.tables.items():
            columns = ", ".join(f"{c['name']} {c['data_type']}" for c in table["columns"].values())
            connection.execute(f"create table if not exists landing.{name} ({columns})")

    def batches(self, table: str, most: int) -> list[Batch]:
        """The newest profiled batches of a table, oldest first."""
        rows = self._rows(
            "select * from landing.batch_profiles where table_name = ? and batch_id in ("
            "select batch_id from landing.batch_profiles where table_name = ? and column_name = ? "
            "order by batch_at desc, batch_id desc limit ?) order by batch_at, batch_id",
            [table, table, WHOLE, most],
        )
        batches: dict[str, Batch] = {}
        for row in rows:
            if row["column_name"] == WHOLE:
                batch = batches.setdefault(row["batch_id"], _batch(row))
                # Its columns may have come before.
                batch.known_rows = row["known_rows"]
                batch.newest_event_at = row["newest_event_at"]
                batch.hours_since_newest_event = row["hours_since_newest_event"]
                batch.fingerprint = row["fingerprint"]
            else:
                batch = batches.setdefault(row["batch_id"], _batch(row))
                batch.columns[row["column_name"]] = _column(row)
        return list(batches.values())

    def stopped(self, table: str) -> set[str]:
        """The batches whose last judgement stopped the load: they are not settled."""
        rows = self.connection.execute(
            """
            select batch_id from landing.batch_verdicts
            where table_name = ?
            qualify judged_at = max(judged_at) over (partition by batch_id)
                and severity = ? and not is_met and accept_reason is null
            """,
            [table, CRITICAL],
        ).fetchall()
        return {batch_id for (batch_id,) in rows}

    def is_accepted(self, batch: Batch, rule: str) -> bool:
        """Somebody has let a batch pass by this rule."""
        [(count,)] = self.connection.execute(
            "select count(*) from landing.batch_verdicts where table_name = ? and batch_id = ? "
            "and rule = ? and accept_reason is not null",
            [batch.table, batch.batch_id, rule],
        ).fetchall()
        return count > 0

    def keep_profiles(self, batches: Iterable[Batch]) -> None:
        """Writes profiles, in the place of earlier ones of the same batches."""
        rows = [row for batch in batches for row in _profile_rows(batch)]
        self._insert("batch_profiles", rows, replace=True)

    def keep_verdicts(
        self,
        batch: Batch,
        judged_at: datetime,
        verdicts: Iterable[tuple[Check, bool, str | None]],
    ) -> None:
        """Adds the judgements of a batch: each check, whether it is met, and why it was accepted."""
        rows = [
            {
                "table_name": batch.table,
                "batch_id": batch.batch_id,
                "rule": check.rule,
                "column_name": check.column or WHOLE,
                "judged_at": judged_at,
                "batch_at": batch.batch_at,
                "severity": check.severity,
                "seen": check.seen_text,
                "expected": check.expected_text,
                "is_met": is_met,
                "accept_reason": reason,
            }
            for check, is_met, reason in verdicts
        ]
        self._insert("batch_verdicts", rows)

    def _insert(
        self, name: str, rows: Sequence[Mapping[str, Any]], *, replace: bool = False
    ) -> None:
        """Adds rows in one statement: by single statements DuckDB takes minutes for a first run."""
        if not rows:
            return
        names = list(self.tables[name]["columns"])
        lines = json.dumps([{n: row.get(n) for n in names} for row in rows], default=str)
        structure = json.dumps(
            [{n: _json_type(c["data_type"]) for n, c in self.tables[name]["columns"].items()}]
        )
        self.connection.execute(
            "create or replace temp table added as "
            "select unnest(from_json(cast(? as json), ?), recursive := true)",
            [lines, structure],
        )
        if replace:
            self.connection.execute(
                f"delete from landing.{name} where (table_name, batch_id) in "
                "(select (table_name, batch_id) from added)"
            )
        self.connection.execute(f"insert into landing.{name} by name select * from added")
        self.connection.execute("drop table added")

    def _rows(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        cursor = self.connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, cells, strict=True)) for cells in cursor.fetchall()]


def _json_type(data_type: str) -> str:
    return "varchar" if data_type == "string" else data_type


def _batch(row: Mapping[str, Any]) -> Batch:
    return Batch(
        row["table_name"], row["batch_id"], row["batch_at"], row["is_daily"], row["row_count"]
    )


def _column(row: Mapping[str, Any]) -> ColumnProfile:
    quantiles = tuple(row[name] for name in ("p10", "p25", "p50", "p75", "p90"))
    return ColumnProfile(
        data_type=row["data_type"],
        null_rows=row["null_rows"],
        distinct_values=row["distinct_values"],
        lowest=row["lowest"],
        highest=row["highest"],
        positive_rows=row["positive_rows"],
        quantiles=quantiles if quantiles[0] is not None else None,
        words=json.loads(row["top_words"]) if row["top_words"] else None,
    )


def _profile_rows(batch: Batch) -> list[dict[str, Any]]:
    whole = {
        "table_name": batch.table,
        "batch_id": batch.batch_id,
        "batch_at": batch.batch_at,
        "is_daily": batch.is_daily,
        "row_count": batch.row_count,
    }
    rows = [
        {
            **whole,
            "column_name": WHOLE,
            "known_rows": batch.known_rows,
            "newest_event_at": batch.newest_event_at,
            "hours_since_newest_event": batch.hours_since_newest_event,
            "fingerprint": batch.fingerprint,
        }
    ]
    for name, column in batch.columns.items():
        quantiles = column.quantiles or (None,) * 5
        rows.append(
            {
                **whole,
                "column_name": name,
                "data_type": column.data_type,
                "null_rows": column.null_rows,
                "distinct_values": column.distinct_values,
                "lowest": column.lowest,
                "highest": column.highest,
                "positive_rows": column.positive_rows,
                **dict(zip(("p10", "p25", "p50", "p75", "p90"), quantiles, strict=True)),
                "top_words": None
                if column.words is None
                else json.dumps(column.words, ensure_ascii=False),
            }
        )
    return rows
