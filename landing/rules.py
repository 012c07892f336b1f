"""What may be expected of a batch, by the batches of its table before it.

A rule is a bound that the history draws; whether a batch keeps to it, Great Expectations says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from landing.profile import Batch

CRITICAL = "critical"
WARNING = "warning"
NONE = "none"

# Types of one family hold the same values: a wider number is no other number.
FAMILIES = (
    ("timestamp", "moment"),
    ("date", "day"),
    ("bool", "boolean"),
    ("varchar", "text"),
    ("string", "text"),
    ("enum", "text"),
    ("decimal", "number"),
    ("double", "number"),
    ("float", "number"),
    ("real", "number"),
    ("u", "number"),
    ("tiny", "number"),
    ("small", "number"),
    ("int", "number"),
    ("big", "number"),
    ("huge", "number"),
)


@dataclass(frozen=True)
class Check:
    """A figure of a batch and what is expected of it: a range or, of a text, the one allowed."""

    rule: str
    severity: str
    seen: float | str
    column: str = ""
    lowest: float | None = None
    highest: float | None = None
    allowed: str = NONE

    @property
    def name(self) -> str:
        """The rule, and the column that it is about."""
        return f"{self.rule}.{self.column}" if self.column else self.rule

    @property
    def seen_text(self) -> str:
        """What the batch shows, for people."""
        return _number(self.seen) if isinstance(self.seen, float) else self.seen

    @property
    def expected_text(self) -> str:
        """What would be met, for people."""
        if isinstance(self.seen, str):
            return self.allowed
        if self.lowest is None:
            return f"at most {_number(self.highest)}"
        if self.highest is None:
            return f"at least {_number(self.lowest)}"
        return f"{_number(self.lowest)} to {_number(self.highest)}"


def _number(value: float | None) -> str:
    assert value is not None
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def checks(batch: Batch, history: Sequence[Batch], limits: Mapping[str, Any]) -> list[Check]:
    """Every check of a batch. `history` are the settled batches of its table, oldest first."""
    history = history[-limits["history_batches"] :]
    found = list(_columns(batch, history))
    # A day is no more than a part of the table as it once lay there.
    history = [earlier for earlier in history if earlier.is_daily == batch.is_daily]
    # A batch of a few rows says nothing, and batches of a few rows are nothing to compare with.
    peers = [earlier for earlier in history if earlier.row_count >= limits["least_rows"]]
    if len(peers) < limits["least_history"]:
        return found
    typical = median(earlier.row_count for earlier in history)
    if typical >= limits["least_rows"]:
        found += _volume(batch, history, limits)
    if batch.row_count >= limits["least_rows"]:
        found += _duplicate(batch, peers)
        found += _freshness(batch, peers, limits)
        found += _known_ids(batch, peers, limits)
        for rule in (_gone_null, _null_shares, _amounts, _words):
            found += rule(batch, peers, limits)
    return found


def _spread(values: Sequence[float], middle: float) -> float:
    return 1.4826 * median(abs(value - middle) for value in values)


# ---------------------------------------------------------------- columns and types


def _columns(batch: Batch, history: Sequence[Batch]) -> Iterator[Check]:
    if not history:
        return
    before, now = history[-1].columns, batch.columns
    yield Check("vanished_columns", CRITICAL, _listed(set(before) - set(now)))
    yield Check("new_columns", WARNING, _listed(set(now) - set(before)))
    changed = {
        f"{name} {before[name].data_type} -> {now[name].data_type}"
        for name in set(before) & set(now)
        if _family(before[name].data_type) != _family(now[name].data_type)
    }
    yield Check("changed_types", CRITICAL, _listed(changed))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or NONE


def _family(data_type: str) -> str:
    return next((name for start, name in FAMILIES if data_type.startswith(start)), data_type)


# ---------------------------------------------------------------- the batch as a whole


def _volume(batch: Batch, history: Sequence[Batch], limits: Mapping[str, Any]) -> Iterator[Check]:
    """Rows, in logarithms, against the same weekday; the spread is that of all days about theirs."""

    def alike(day: Batch) -> list[float]:
        same = [e for e in history if e.batch_at.weekday() == day.batch_at.weekday()]
        same = same[-limits["weekday_batches"] :]
        is_enough = batch.is_daily and len(same) >= limits["least_weekday_batches"]
        return [math.log1p(earlier.row_count) for earlier in (same if is_enough else history)]

    usual = {earlier.batch_at.weekday(): median(alike(earlier)) for earlier in history}
    middle = median(alike(batch))
    off = [math.log1p(e.row_count) - usual[e.batch_at.weekday()] for e in history]
    spread = max(_spread(off, 0), limits["volume_least_spread"])
    spread = math.hypot(spread, math.exp(-middle / 2))
    rows = float(batch.row_count)
    lowest = float(math.floor(math.expm1(middle - limits["volume_spreads"] * spread)))
    yield Check("volume", CRITICAL, rows, "", max(lowest, 0.0))
    # Many rows may be a sale day, or a backfill: nothing that should stop a load.
    surge = max(
        math.exp(middle + limits["surge_spreads"] * spread),
        limits["surge_of_largest"] * max(earlier.row_count for earlier in history),
    )
    yield Check("surge", WARNING, rows, "", None, float(math.ceil(surge)))


def _duplicate(batch: Batch, peers: Sequence[Batch]) -> Iterator[Check]:
    """A table that is known to repeat itself is left alone: its batches may well be equal."""
    prints = [earlier.fingerprint for earlier in peers]
    if len(set(prints)) == len(prints):
        same = [e.batch_id for e in peers if e.fingerprint == batch.fingerprint]
        yield Check("duplicate", CRITICAL, f"batch {same[-1]} again" if same else NONE)


def _freshness(batch: Batch, peers: Sequence[Batch], limits: Mapping[str, Any]) -> Iterator[Check]:
    hours = [
        earlier.hours_since_newest_event
        for earlier in peers
        if earlier.hours_since_newest_event is not None
    ]
    if batch.hours_since_newest_event is None or len(hours) < limits["least_history"]:
        return
    middle = median(hours)
    highest = max(
        middle + limits["freshness_spreads"] * _spread(hours, middle),
        max(hours) + limits["freshness_margin_hours"],
    )
    yield Check("freshness", WARNING, batch.hours_since_newest_event, "", None, highest)


def _known_ids(batch: Batch, peers: Sequence[Batch], limits: Mapping[str, Any]) -> Iterator[Check]:
    shares = [e.known_rows / e.row_count for e in peers if e.known_rows is not None]
    if batch.known_rows is None or len(shares) < limits["least_history"]:
        return
    highest = _above(shares, batch.row_count, "known_ids", limits)
    if highest < 1:
        yield Check("known_ids", WARNING, batch.known_rows / batch.row_count, "", None, highest)


def _above(
    shares: Sequence[float], rows: int, rule: str, limits: Mapping[str, Any], middle: float = 0
) -> float:
    """The most that a share may be: the largest before, a margin, and what chance does to it."""
    largest = max(shares)
    error = math.sqrt(max(largest * (1 - largest), 1 / rows) / rows)
    return largest + limits[f"{rule}_margin"] + limits[f"{rule}_errors"] * error


# ---------------------------------------------------------------- its columns


def _null_share(batch: Batch, name: str) -> float:
    return batch.columns[name].null_rows / batch.row_count


def _gone_null(batch: Batch, peers: Sequence[Batch], limits: Mapping[str, Any]) -> Iterator[Check]:
    gone = {
        name
        for name in batch.columns
        if _null_share(batch, name) >= limits["gone_null_now"]
        and all(name in earlier.columns for earlier in peers)
        and max(_null_share(earlier, name) for earlier in peers) <= limits["gone_null_before"]
    }
    yield Check("gone_null", CRITICAL, _listed(gone))


def _null_shares(
    batch: Batch, peers: Sequence[Batch], limits: Mapping[str, Any]
) -> Iterator[Check]:
    for name in batch.columns:
        shares = [_null_share(earlier, name) for earlier in peers if name in earlier.columns]
        if len(shares) < limits["least_history"]:
            continue
        highest = _above(shares, batch.row_count, "null_share", limits)
        if highest < 1:
            yield Check("null_share", WARNING, _null_share(batch, name), name, None, highest)


def _amounts(batch: Batch, peers: Sequence[Batch], limits: Mapping[str, Any]) -> Iterator[Check]:
    """The median by its scale, and the quartiles by how far they lie off, in logarithms."""
    for name, column in batch.columns.items():
        before = [
            earlier.columns[name].quantiles
            for earlier in peers
            if name in earlier.columns
            and (earlier.columns[name].positive_rows or 0) >= limits["least_rows"]
        ]
        if (
            len(before) < limits["least_history"]
            or (column.positive_rows or 0) < limits["least_rows"]
        ):
            continue
        middle = median(quantiles[2] for quantiles in before)
        seen, scale = column.quantiles[2], limits["amount_scale"]
        yield Check("amount_scale", CRITICAL, seen, name, middle / scale, middle * scale)
        yield _shift(name, column.quantiles, before, limits)


def _shift(
    name: str,
    seen: Sequence[float],
    before: Sequence[Sequence[float]],
    limits: Mapping[str, Any],
) -> Check:
    """The quartile that lies off the most for what it does of itself; at most 1."""
    worst = 0.0
    for quartile in (1, 2, 3):
        logs = [math.log(quantiles[quartile]) for quantiles in before]
        middle = median(logs)
        allowed = max(
            limits["amount_shift_spreads"] * _spread(logs, middle),
            limits["amount_shift_of_largest"] * max(abs(value - middle) for value in logs),
            limits["amount_shift_least"],
        )
        worst = max(worst, abs(math.log(seen[quartile]) - middle) / allowed)
    return Check("amount_shift", WARNING, worst, name, None, 1.0)


def _words(batch: Batch, peers: Sequence[Batch], limits: Mapping[str, Any]) -> Iterator[Check]:
    for name, column in batch.columns.items():
        before = [
            e.columns[name].words for e in peers if name in e.columns and e.columns[name].words
        ]
        known = {word for words in before for word in words}
        if (
            sum((column.words or {}).values()) < limits["least_rows"]
            or len(before) < limits["least_history"]
            or max(len(words) for words in [*before, column.words]) >= limits["most_words"]
        ):
            continue
        rows = sum(column.words.values())
        unknown = sum(count for word, count in column.words.items() if word not in known)
        highest = float(limits["unknown_words_share"])
        yield Check("unknown_words", WARNING, unknown / rows, name, None, highest)
