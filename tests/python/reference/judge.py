"""Which rows can be trusted: the reasons of rejection, the versions, the count of every row."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from reference.identity import end_of_chain
from reference.money import Rates
from reference.raw import (
    ARRIVED_AT,
    COLUMNS,
    Row,
    conform,
    key_of,
    local_date,
    standing_versions,
)
from reference.refunds import refunds_that_exceed
from reference.settings import Settings

RawTables = Mapping[str, Iterable[Mapping[str, Any]]]

TRANSACTION_TYPES = {"earn", "redeem", "expire", "cancel_earn", "restore", "adjust"}
EVENT_TYPES = {"enrolled", "renewed", "tier_changed", "left"}
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

    table: str
    raw_rows: int = 0
    accepted: list[Row] = field(default_factory=list)
    superseded: list[Row] = field(default_factory=list)
    rejected: list[Row] = field(default_factory=list)
    # Beside each rejected row its reasons, sorted and joined by commas.
    reasons: list[str] = field(default_factory=list)

    def reject(self, row: Row, reasons: Iterable[str]) -> None:
        self.rejected.append(row)
        self.reasons.append(",".join(sorted(reasons)))

    def reject_standing(self, is_rejected: Callable[[Row], bool], reason: str) -> None:
        """Standing versions that do not go together with other standing ones."""
        standing, self.accepted = self.accepted, []
        for row in standing:
            if is_rejected(row):
                self.reject(row, {reason})
            else:
                self.accepted.append(row)

    @property
    def quarantined(self) -> list[tuple]:
        """The key and the reasons of each rejected row."""
        return [
            (*key_of(self.table, row), reasons)
            for row, reasons in zip(self.rejected, self.reasons, strict=True)
        ]


def _is_more(value: Any, limit: Any) -> bool:
    """Greater, where both are known."""
    return value is not None and limit is not None and value > limit


def _local_date(instant: datetime | None, settings: Settings) -> date | None:
    return None if instant is None else local_date(instant, settings.reporting_timezone)


def _has_negative(row: Row, names: Iterable[str]) -> bool:
    """Is an amount that is known below 0?"""
    return any(row[name] is not None and row[name] < 0 for name in names)


def _order_reasons(
    row: Row, rates: Rates, orders_with_refund_rows: Collection[str], settings: Settings
) -> set[str]:
    """What an order is rejected for, beside cells that cannot be read."""
    reasons = set()
    goods, discount = row["subtotal_amount"], row["discount_amount"]
    # Rows in refunds make the order's own refunded columns count for nothing.
    has_refund_rows = row["order_id"] in orders_with_refund_rows
    refunded = None if has_refund_rows else row["refunded_amount"]
    if row["status"] not in settings.statuses:
        reasons.add("unknown_status")
    if _has_negative(row, [name for name in COLUMNS["orders"] if name.endswith("_amount")]):
        reasons.add("negative_amount")
    # No discount and no refund exceed nothing, not even goods of a negative amount.
    if _is_more(discount, 0) and _is_more(discount, goods):
        reasons.add("discount_exceeds_subtotal")
    if _is_more(refunded, 0) and None not in (goods, discount) and refunded > goods - discount:
        reasons.add("refund_exceeds_order")
    if rates.on(_local_date(row["ordered_at"], settings), row["currency"]) is None:
        reasons.add("missing_exchange_rate")
    known_at = row[ARRIVED_AT] or settings.run_started_at
    if _is_more(row["ordered_at"], known_at + timedelta(days=1)):
        reasons.add("ordered_in_future")
    return reasons


def _program_reasons(row: Row) -> set[str]:
    reasons = set() if row["program_type"] in PROGRAM_TYPES else {"unknown_program_type"}
    if _has_negative(row, ("point_value", "expected_redemption_rate", "partner_cost_share")):
        reasons.add("negative_amount")
    for share in ("expected_redemption_rate", "partner_cost_share"):
        if _is_more(row[share], 1):
            reasons.add(f"unparseable_{share}")
    return reasons


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
    if _has_negative(row, ("reward_cost",)):
        reasons.add("negative_amount")
    if _is_more(row["occurred_at"], row["expires_at"]):
        reasons.add("expires_before_earned")
    return reasons


def _refund_reasons(row: Row) -> set[str]:
    """What a refund is rejected for by itself."""
    amounts = ("refund_amount", "refunded_shipping_amount", "refunded_tax_amount")
    return {"negative_amount"} if _has_negative(row, amounts) else set()


def _item_reasons(row: Row) -> set[str]:
    """What a line is rejected for by itself, beside cells that cannot be read."""
    reasons = set()
    quantity, unit_price, discount = row["quantity"], row["unit_price"], row["discount_amount"]
    if quantity is not None and quantity <= 0:
        reasons.add("non_positive_quantity")
    if _has_negative(row, ("unit_price", "discount_amount", "unit_cost")):
        reasons.add("negative_amount")
    is_known = None not in (quantity, unit_price)
    if _is_more(discount, 0) and is_known and discount > quantity * unit_price:
        reasons.add("discount_exceeds_subtotal")
    return reasons


def _rate_reasons(row: Row) -> set[str]:
    rate = row["rate_to_reporting"]
    return {"negative_amount"} if rate is not None and rate <= 0 else set()


def _membership_reasons(row: Row) -> set[str]:
    """What a membership event is rejected for, beside cells that cannot be read."""
    reasons = set()
    if row["event_type"] is not None and row["event_type"] not in EVENT_TYPES:
        reasons.add("unknown_event_type")
    if _has_negative(row, ("fee_amount",)):
        reasons.add("negative_amount")
    return reasons


def _estimate_reasons(row: Row) -> set[str]:
    """A share that is below 0, or none at all."""
    rate = row["expected_redemption_rate"]
    reasons = set()
    if rate is not None and rate < 0:
        reasons.add("negative_amount")
    if rate is not None and (not math.isfinite(rate) or rate > 1):
        reasons.add("unparseable_expected_redemption_rate")
    return reasons


def _unknown_order(row: Row, orders: Collection[str]) -> set[str]:
    """A row that names no order is judged for that alone."""
    is_unknown = row["order_id"] is not None and row["order_id"] not in orders
    return {"unknown_order"} if is_unknown else set()


def _judge(
    table: str,
    raw: RawTables,
    settings: Settings,
    further_reasons: Callable[[Row], set[str]] = lambda row: set(),
) -> Judged:
    """Every row is judged first; of the good rows of one key the newest stands."""
    judged = Judged(table)
    good_rows = []
    for raw_row in raw.get(table, ()):
        judged.raw_rows += 1
        row, reasons = conform(table, raw_row, settings)
        reasons |= further_reasons(row)
        if reasons:
            judged.reject(row, reasons)
        else:
            good_rows.append(row)
    judged.accepted = standing_versions(good_rows, table)
    standing = {id(row) for row in judged.accepted}
    judged.superseded = [row for row in good_rows if id(row) not in standing]
    return judged


def _judge_aliases(raw: RawTables, settings: Settings) -> Judged:
    """A standing alias whose chain has no end is none."""
    judged = _judge("customer_aliases", raw, settings)
    chains = {row["alias_customer_id"]: row["customer_id"] for row in judged.accepted}
    judged.reject_standing(
        lambda row: end_of_chain(row["alias_customer_id"], chains) is None, "alias_cycle"
    )
    return judged


def _judge_refunds(raw: RawTables, orders: Mapping[str, Row], settings: Settings) -> Judged:
    """By themselves, then the standing ones together with the others of their order."""
    judged = _judge(
        "refunds",
        raw,
        settings,
        lambda row: _refund_reasons(row) | _unknown_order(row, orders),
    )
    exceeding = refunds_that_exceed(judged.accepted, orders)
    judged.reject_standing(lambda row: row["refund_id"] in exceeding, "refund_exceeds_order")
    return judged


def orders_with_refund_rows(raw: RawTables, settings: Settings) -> set[str]:
    """The orders that a refund row names which nothing is wrong with by itself: they ignore their
    own refunded columns. Any version of a refund will do, and the order need not be accepted."""
    named = set()
    for raw_row in raw.get("refunds", ()):
        row, reasons = conform("refunds", raw_row, settings)
        if not reasons | _refund_reasons(row):
            named.add(row["order_id"])
    return named


def judge(raw: RawTables, settings: Settings) -> dict[str, Judged]:
    """What became of each raw row of each table; an absent table is an empty one."""
    programs = _judge("loyalty_programs", raw, settings, _program_reasons)
    program_types = {row["program_id"]: row["program_type"] for row in programs.accepted}
    exchange_rates = _judge("exchange_rates", raw, settings, _rate_reasons)
    rates = Rates.of(exchange_rates.accepted, settings.reporting_currency)
    with_refund_rows = orders_with_refund_rows(raw, settings)
    orders = _judge(
        "orders",
        raw,
        settings,
        lambda row: _order_reasons(row, rates, with_refund_rows, settings),
    )
    accepted_orders = {row["order_id"]: row for row in orders.accepted}
    results = [
        _judge("customers", raw, settings),
        _judge_aliases(raw, settings),
        exchange_rates,
        orders,
        _judge_refunds(raw, accepted_orders, settings),
        _judge(
            "order_items",
            raw,
            settings,
            lambda row: _item_reasons(row) | _unknown_order(row, accepted_orders),
        ),
        programs,
        _judge(
            "loyalty_transactions",
            raw,
            settings,
            lambda row: _ledger_reasons(row, program_types),
        ),
        _judge("loyalty_memberships", raw, settings, _membership_reasons),
        _judge("redemption_estimates", raw, settings, _estimate_reasons),
    ]
    return {judged.table: judged for judged in results}


def load_reconciliation(judged: Mapping[str, Judged]) -> list[Row]:
    """raw = accepted + superseded + quarantined, each counted."""
    return [
        {
            "table_name": table,
            "raw_rows": result.raw_rows,
            "accepted_rows": len(result.accepted),
            "superseded_rows": len(result.superseded),
            "quarantined_rows": len(result.rejected),
        }
        for table, result in judged.items()
    ]
