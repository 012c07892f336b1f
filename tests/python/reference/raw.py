"""From raw rows to typed rows: what a cell means, and what stands in for an absent one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from reference.money import four_places, twelve_places
from reference.settings import Settings

Row = dict[str, Any]

BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WHOLE_FLOAT = re.compile(r"(-?\d+)\.0+")
# When the row arrived, as far as the raw zone says so itself.
ARRIVED_AT = "arrived_at"


class Var(NamedTuple):
    """A default that is the value of a var."""

    name: str


class OtherColumn(NamedTuple):
    """A default that is the value of another column of the row."""

    name: str


class Column(NamedTuple):
    """What the contract says of a raw column."""

    kind: str
    default: Any = None
    required: bool = False


REQUIRED_ID = Column("id", required=True)
LOAD_COLUMNS = {"updated_at": Column("instant"), "_loaded_at": Column("instant")}

COLUMNS: dict[str, dict[str, Column]] = {
    "orders": {
        "order_id": REQUIRED_ID,
        "customer_id": Column("id"),
        "ordered_at": Column("instant", required=True),
        "subtotal_amount": Column("money", required=True),
        "discount_amount": Column("money", Decimal(0)),
        "refunded_amount": Column("money", Decimal(0)),
        "refunded_shipping_amount": Column("money", Decimal(0)),
        "refunded_tax_amount": Column("money", Decimal(0)),
        "shipping_amount": Column("money", Decimal(0)),
        "tax_amount": Column("money", Decimal(0)),
        "cost_amount": Column("money"),
        "currency": Column("code", Var("reporting_currency")),
        "status": Column("word", "completed"),
        "sales_channel": Column("word"),
        "email": Column("text"),
        "campaign_id": Column("id"),
        "discount_code": Column("text"),
        "loyalty_program_id": Column("id"),
        "loyalty_discount_amount": Column("money", Decimal(0)),
        "is_test": Column("flag", False),
        **LOAD_COLUMNS,
    },
    "customers": {
        "customer_id": REQUIRED_ID,
        "created_at": Column("instant"),
        "email": Column("text"),
        "phone": Column("text"),
        "first_name": Column("text"),
        "last_name": Column("text"),
        "birth_date": Column("day"),
        "country_code": Column("text"),
        "acquisition_channel": Column("word"),
        "acquisition_campaign_id": Column("id"),
        "email_consent": Column("flag"),
        "sms_consent": Column("flag"),
        "push_consent": Column("flag"),
        "is_test": Column("flag", False),
        **LOAD_COLUMNS,
    },
    "loyalty_transactions": {
        "loyalty_transaction_id": REQUIRED_ID,
        "customer_id": REQUIRED_ID,
        "transaction_type": Column("word", required=True),
        "points": Column("money", required=True),
        "occurred_at": Column("instant", required=True),
        "program_id": Column("id", "default"),
        "order_id": Column("id"),
        "partner_id": Column("id"),
        "activity": Column("word", "purchase"),
        "available_at": Column("instant", OtherColumn("occurred_at")),
        "expires_at": Column("instant"),
        "reward_id": Column("id"),
        "reward_type": Column("word"),
        "reward_cost": Column("money"),
        **LOAD_COLUMNS,
    },
    "loyalty_programs": {
        "program_id": REQUIRED_ID,
        "program_name": Column("text"),
        "program_type": Column("word", "points"),
        "delivery": Column("word", "card"),
        "point_value": Column("number", Var("point_value")),
        "points_expire_after_days": Column("whole"),
        "expected_redemption_rate": Column("number"),
        "partner_cost_share": Column("number"),
        **LOAD_COLUMNS,
    },
    "redemption_estimates": {
        "program_id": REQUIRED_ID,
        "effective_from": Column("day", required=True),
        "expected_redemption_rate": Column("number", required=True),
        **LOAD_COLUMNS,
    },
    "loyalty_memberships": {
        "membership_event_id": REQUIRED_ID,
        "customer_id": REQUIRED_ID,
        "program_id": REQUIRED_ID,
        "event_type": Column("word", required=True),
        "occurred_at": Column("instant", required=True),
        "tier": Column("word"),
        "fee_amount": Column("money", Decimal(0)),
        **LOAD_COLUMNS,
    },
    "refunds": {
        "refund_id": REQUIRED_ID,
        "order_id": REQUIRED_ID,
        "refunded_at": Column("instant", required=True),
        "refund_amount": Column("money", required=True),
        "refunded_shipping_amount": Column("money", Decimal(0)),
        "refunded_tax_amount": Column("money", Decimal(0)),
        "reason": Column("text"),
        **LOAD_COLUMNS,
    },
    "order_items": {
        "order_id": REQUIRED_ID,
        "line_number": Column("whole", required=True),
        "product_id": REQUIRED_ID,
        "quantity": Column("money", required=True),
        "unit_price": Column("money", required=True),
        "discount_amount": Column("money", Decimal(0)),
        "unit_cost": Column("money"),
        "product_category": Column("text"),
        **LOAD_COLUMNS,
    },
    "customer_aliases": {
        "alias_customer_id": REQUIRED_ID,
        "customer_id": REQUIRED_ID,
        **LOAD_COLUMNS,
    },
    "exchange_rates": {
        "rate_date": Column("day", required=True),
        "currency": Column("code", required=True),
        "rate_to_reporting": Column("rate", required=True),
        **LOAD_COLUMNS,
    },
}

# What identifies a record; several rows of one key are versions of it.
KEYS: dict[str, tuple[str, ...]] = {
    "customers": ("customer_id",),
    "orders": ("order_id",),
    "loyalty_programs": ("program_id",),
    "loyalty_transactions": ("loyalty_transaction_id",),
    "refunds": ("refund_id",),
    "order_items": ("order_id", "line_number"),
    "customer_aliases": ("alias_customer_id",),
    "exchange_rates": ("rate_date", "currency"),
    "loyalty_memberships": ("membership_event_id",),
    "redemption_estimates": ("program_id", "effective_from"),
}


def key_of(table: str, row: Row) -> tuple[Any, ...]:
    """What identifies the row's record."""
    return tuple(row[name] for name in KEYS[table])


def local_midnight(day: date, zone: str) -> datetime:
    """The UTC instant at which a local day begins."""
    return _to_utc(datetime.combine(day, time()), zone)


def local_date(instant: datetime, zone: str) -> date:
    """The local day of a UTC instant."""
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def _to_utc(moment: datetime, zone: str) -> datetime:
    """A moment as naive UTC; one without an offset is in `zone`."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC).replace(tzinfo=None)


def _read_instant(cell: Any, settings: Settings) -> datetime:
    """A timestamp: its own offset, else `raw_timezone`; a bare date is a local midnight."""
    if isinstance(cell, datetime):
        return _to_utc(cell, settings.raw_timezone)
    if isinstance(cell, date):
        return local_midnight(cell, settings.reporting_timezone)
    if BARE_DATE.fullmatch(cell):
        return local_midnight(date.fromisoformat(cell), settings.reporting_timezone)
    return _to_utc(datetime.fromisoformat(cell), settings.raw_timezone)


def _read_id(cell: Any) -> str:
    """Text; a whole float loses its `.0`."""
    text = str(cell)
    whole = WHOLE_FLOAT.fullmatch(text)
    return whole.group(1) if whole else text


def _read_flag(cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    return {"true": True, "false": False}[cell.lower()]


def _read_cell(cell: Any, kind: str, settings: Settings) -> Any:
    """The typed value of a cell that is neither NULL nor blank; raises where it has none."""
    if kind == "instant":
        return _read_instant(cell, settings)
    if kind == "id":
        return _read_id(cell)
    if kind == "day":
        return cell if isinstance(cell, date) else date.fromisoformat(cell)
    readers = {
        "text": str,
        "word": lambda text: str(text).lower(),
        "code": lambda text: str(text).upper(),
        "money": lambda number: four_places(Decimal(str(number))),
        "rate": lambda number: twelve_places(Decimal(str(number))),
        "number": float,
        "whole": int,
        "flag": _read_flag,
    }
    return readers[kind](cell)


def _default(column: Column, row: Row, settings: Settings) -> Any:
    """What stands in for a NULL cell or an absent column."""
    if isinstance(column.default, Var):
        value = getattr(settings, column.default.name)
        return float(value) if column.kind == "number" else value
    if isinstance(column.default, OtherColumn):
        return row.get(column.default.name)
    return column.default


def conform(table: str, raw_row: Mapping[str, Any], settings: Settings) -> tuple[Row, set[str]]:
    """One typed row, and the reasons for which it cannot be read."""
    row: Row = {}
    reasons: set[str] = set()
    for name, column in COLUMNS[table].items():
        cell = raw_row.get(name)
        if isinstance(cell, str):
            cell = cell.strip() or None
        if cell is None:
            row[name] = _default(column, row, settings)
            if column.required:
                reasons.add(f"missing_{name}")
            continue
        try:
            row[name] = _read_cell(cell, column.kind, settings)
        except (ValueError, KeyError, InvalidOperation):
            row[name] = None
            reasons.add(f"unparseable_{name}")
    _fill_load_columns(row)
    return row, reasons


def _fill_load_columns(row: Row) -> None:
    """`updated_at` and `_loaded_at` stand in for each other.

    Not where the question is what lay in the future then: when a record changed says nothing of
    when it arrived.
    """
    updated_at, loaded_at = row["updated_at"], row["_loaded_at"]
    row[ARRIVED_AT] = loaded_at
    row["updated_at"] = loaded_at if updated_at is None else updated_at
    row["_loaded_at"] = updated_at if loaded_at is None else loaded_at


class AmbiguousVersions(Exception):
    """Two versions that only the hash of the row tells apart: the reference cannot say."""


def standing_versions(good_rows: Iterable[Row], table: str) -> list[Row]:
    """Of one key's good rows the newest by (`updated_at`, `_loaded_at`)."""
    versions: dict[tuple, list[Row]] = {}
    for row in good_rows:
        versions.setdefault(key_of(table, row), []).append(row)
    return [_newest(rows) for rows in versions.values()]


def _newest(rows: list[Row]) -> Row:
    if all(row == rows[0] for row in rows):
        return rows[0]

    def age(row: Row) -> tuple[datetime, datetime]:
        return (row["updated_at"] or datetime.min, row["_loaded_at"] or datetime.min)

    latest = max(age(row) for row in rows)
    newest = [row for row in rows if age(row) == latest]
    if any(row != newest[0] for row in newest):
        raise AmbiguousVersions(newest)
    return newest[0]
