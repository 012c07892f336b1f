"""Which batches are new, what the rules say of them, and what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import yaml

from doctor.variables import project_variables
from landing.declaration import raw_tables
from landing.history import History
from landing.macros import Fault, Macros
from landing.profile import Batch, RawTable, find
from landing.rules import CRITICAL, Check, checks

if TYPE_CHECKING:
    from landing.judge import Judge

THRESHOLDS = Path(__file__).with_name("thresholds.yml")


@dataclass(frozen=True)
class Verdict:
    """A check of a batch, judged. `accept_reason` lets it pass where it is not met."""

    batch: Batch
    check: Check
    is_met: bool
    accept_reason: str | None = None

    @property
    def name(self) -> str:
        """table.rule, as ACCEPT names it."""
        return f"{self.batch.table}.{self.check.name}"

    @property
    def stops(self) -> bool:
        """Whether the load ends here: critical, not met, and nobody let it pass."""
        return not self.is_met and self.check.severity == CRITICAL and not self.accept_reason


@dataclass
class Outcome:
    """What a run found. `docs` is the first page of the Data Docs, None where nothing was judged."""

    tables: int = 0
    profiled: int = 0
    judged: list[Batch] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    docs: Path | None = None

    @property
    def stopping(self) -> list[Verdict]:
        """The verdicts that end the load."""
        return [verdict for verdict in self.verdicts if verdict.stops]


def land(
    connection: duckdb.DuckDBPyConnection,
    raw_schema: str,
    overrides: Mapping[str, Any],
    accept: Iterable[str],
    reason: str,
    site: Path,
) -> Outcome:
    """Profiles and judges what is new. Raises Fault where a raw table cannot be read."""
    limits = yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))
    connection.execute("create schema if not exists raw_text")
    macros = Macros(connection, project_variables(overrides))
    history = History(connection)
    outcome = Outcome()
    pending: list[tuple[Batch, list[Check]]] = []
    for name, table in raw_tables().items():
        try:
            raw = find(macros, table, raw_schema)
            outcome.tables += raw is not None
            if raw is not None and raw.has_rows():
                pending += _new_batches(raw, history, limits, outcome)
            else:
                pending += _vanished(name, history)
        except duckdb.Error as error:
            line = str(error).splitlines()[0]
            raise Fault(f"Raw table {name} cannot be read: {line}") from error
        finally:
            # The build parses it again, into the same place.
            connection.execute(f"drop table if exists raw_text.{name}")
    if pending:
        _judge(pending, history, outcome, set(accept), reason, site)
    return outcome


def _new_batches(
    raw: RawTable, history: History, limits: Mapping[str, Any], outcome: Outcome
) -> list[tuple[Batch, list[Check]]]:
    """Profiles the new batches of a table; those to be judged, with their checks.

    New is what has no profile or other rows than profiled, and what stopped an earlier run. On a
    first run the newest batch alone is judged: the others are its history.
    """
    profiled = history.batches(raw.name, limits["history_batches"])
    stopped = history.stopped(raw.name)
    rows = {batch.batch_id: batch.row_count for batch in profiled if batch.batch_id not in stopped}
    since = _look_back(profiled, stopped, limits["recheck_days"])
    there = raw.batches(since)[-limits["history_batches"] :]
    new = [batch for batch in there if rows.get(batch.batch_id) != batch.row_count]
    raw.profile(new, limits["most_words"], limits["known_ids_days"])
    history.keep_profiles(new)
    outcome.profiled += len(new)
    to_judge = new if profiled else new[-1:]
    names = {batch.batch_id for batch in to_judge}
    settled = [b for b in profiled if b.batch_id not in stopped | {n.batch_id for n in new}]
    settled += [batch for batch in new if batch.batch_id not in names]
    found = []
    for batch in to_judge:
        before = [b for b in settled if (b.batch_at, b.batch_id) < (batch.batch_at, batch.batch_id)]
        found.append((batch, checks(batch, before, limits)))
        settled.append(batch)
    return found


def _vanished(table: str, history: History) -> list[tuple[Batch, list[Check]]]:
    """A table that had rows and has none now: its newest batch is judged once more, for that."""
    newest = history.batches(table, 1)
    check = Check("vanished_table", CRITICAL, "no rows", allowed="rows")
    if not newest or history.is_accepted(newest[0], check.rule):
        return []
    return [(newest[0], [check])]


def _look_back(profiled: Sequence[Batch], stopped: set[str], days: int) -> datetime | None:
    """From when on a table is looked at again; everything on a first run."""
    if not profiled:
        return None
    open_batches = [batch.batch_at for batch in profiled if batch.batch_id in stopped]
    return min([profiled[-1].batch_at, *open_batches]) - timedelta(days=days)


def _judge(
    pending: Sequence[tuple[Batch, list[Check]]],
    history: History,
    outcome: Outcome,
    accept: set[str],
    reason: str,
    site: Path,
) -> None:
    # Great Expectations takes seconds to import: only where there is something to judge.
    from landing.judge import Judge

    judge: Judge = Judge(site)
    judged_at = datetime.now(UTC).replace(tzinfo=None)
    judged = []
    for batch, found in pending:
        results = judge.judge(batch, found) if found else []
        judged.append((batch, results))
        verdicts = [
            Verdict(batch, check, is_met, reason if not is_met and _is_named(batch, check, accept) else None)
            for check, is_met in results
        ]
        history.keep_verdicts(
            batch, judged_at, [(v.check, v.is_met, v.accept_reason) for v in verdicts]
        )
        outcome.judged.append(batch)
        outcome.verdicts += verdicts
    outcome.docs = judge.write_docs(judged)


def _is_named(batch: Batch, check: Check, accept: set[str]) -> bool:
    return bool({f"{batch.table}.{check.rule}", f"{batch.table}.{check.name}"} & accept)


