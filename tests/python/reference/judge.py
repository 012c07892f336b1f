"""Which rows can be trusted: the reasons of rejection, the versions, the count of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from reference.raw import ARRIVED_AT, COLUMNS, Row, conform, standing_versions
from reference.settings import Settings

RawTables = Mapping[str, Iterable[Mapping[str, Any]]]

KEYS = {
    "customers": "customer_id",
    "orders": "order_id",
    "loyalty_programs": "program_id",
    "loyalty_transactions": "loyalty_transaction_id",
}
TRANSACTION_TYPES = {"earn", "redeem", "expire", "cancel_earn", "restore", "adjust"}
PROGRAM_TYPES = {
    "points",
    "discount",
    "tiered",
    "coalition",
    "experiential",
    "cashback",
    "subscription",
    "referral",
}


@dataclass
class Judged:
    """What became of each raw row of a table."""

    accepted: list[Row] = field(default_factory=list)
    # (the row's id or None, the reasons sorted and joined by commas)
    quarantined: list[tuple[str | None, str]] = field(default_factory=list)
    raw_rows: int = 0
    superseded_rows: int = 0


def _is_more(value: Any, limit: Any) -> bool:
    """Greater, where both are known."""
    return value is not None and limit is not None and value > limit


def _order_reasons(row: Row, settings: Settings) -> set[str]:
    """What an order is rejected for, beside cells that cannot be read."""
    reasons = set()
    goods, discount = row["subtotal_amount"], row["discount_amount"]
    refunded = row["refunded_amount"]
    amounts = [row[name] for name in COLUMNS["orders"] if name.endswith("_amount")]
    if row["status"] not in settings.statuses:
        reasons.add("unknown_status")
    if any(amount is not None and amount < 0 for amount in amounts):
        reasons.add("negative_amount")
    # No discount and no refund exceed nothing, not even goods of a negative amount.
    if _is_more(discount, 0) and _is_more(discount, goods):
        reasons.add("discount_exceeds_subtotal")
    if _is_more(refunded, 0) and None not in (goods, discount) and refunded > goods - discount:
        reasons.add("refund_exceeds_order")
    if row["currency"] != settings.reporting_currency:
        reasons.add("missing_exchange_rate")
    known_at = row[ARRIVED_AT] or settings.run_started_at
    if _is_more(row["ordered_at"], known_at + timedelta(days=1)):
        reasons.add("ordered_in_future")
    return reasons


def _program_reasons(row: Row) -> set[str]:
    return set() if row["program_type"] in PROGRAM_TYPES else {"unknown_program_type"}


def _may_cost_nothing(row: Row, program_types: Mapping[str, str]) -> bool:
    """An adjustment by nothing, or an experience that asks for no points."""
    is_experience = "experiential" in (row["reward_type"], program_types.get(row["program_id"]))
    return row["transaction_type"] == "adjust" or (
        row["transaction_type"] == "redeem" and is_experience
    )


def _ledger_reasons(row: Row, program_types: Mapping[str, str]) -> set[str]:
    """What a ledger entry is rejected for, beside cells that cannot be read."""
    reasons = set()
    points, transaction_type = row["points"], row["transaction_type"]
    if transaction_type is not None and transaction_type not in TRANSACTION_TYPES:
        reasons.add("unknown_transaction_type")
    if points is not None and transaction_type != "adjust":
        if points < 0 or (points == 0 and not _may_cost_nothing(row, program_types)):
            reasons.add("non_positive_points")
    if _is_more(row["occurred_at"], row["expires_at"]):
        reasons.add("expires_before_earned")
    return reasons


def _judge(
    table: str,
    raw_rows: Iterable[Mapping[str, Any]],
    settings: Settings,
    further_reasons: Callable[[Row], set[str]],
) -> Judged:
    """Every row is judged first; of the good rows of one key the newest stands."""
    judged = Judged()
    good_rows = []
    for raw_row in raw_rows:
        judged.raw_rows += 1
        row, reasons = conform(table, raw_row, settings)
        reasons |= further_reasons(row)
        if reasons:
            judged.quarantined.append((row[KEYS[table]], ",".join(sorted(reasons))))
        else:
            good_rows.append(row)
    judged.accepted = standing_versions(good_rows, KEYS[table])
    judged.superseded_rows = len(good_rows) - len(judged.accepted)
    return judged


def judge(raw: RawTables, settings: Settings) -> dict[str, Judged]:
    """What became of each raw row of each table; an absent table is an empty one."""
    programs = _judge(
        "loyalty_programs", raw.get("loyalty_programs", ()), settings, _program_reasons
    )
    program_types = {row["program_id"]: row["program_type"] for row in programs.accepted}
    return {
        "customers": _judge("customers", raw.get("customers", ()), settings, lambda row: set()),
        "orders": _judge(
            "orders", raw.get("orders", ()), settings, lambda row: _order_reasons(row, settings)
        ),
        "loyalty_programs": programs,
        "loyalty_transactions": _judge(
            "loyalty_transactions",
            raw.get("loyalty_transactions", ()),
            settings,
            lambda row: _ledger_reasons(row, program_types),
        ),
    }


def load_reconciliation(judged: Mapping[str, Judged]) -> list[Row]:
    """raw = accepted + superseded + quarantined, each counted."""
    return [
        {
            "table_name": table,
            "raw_rows": result.raw_rows,
            "accepted_rows": len(result.accepted),
            "superseded_rows": result.superseded_rows,
            "quarantined_rows": len(result.quarantined),
        }
        for table, result in judged.items()
    ]
