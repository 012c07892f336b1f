"""A member's points as a queue of lots, entry by entry, straight from the rules.

Every use looks at all lots anew. Nothing is summed up, nothing is ordered beforehand: slow, and easy to
believe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger of one member in one programme."""

    entry_id: str
    transaction_type: str
    points: Decimal
    occurred_at: datetime
    available_at: datetime
    expires_at: datetime | None = None
    order_id: str | None = None

    @property
    def signed_points(self) -> Decimal:
        takes = self.transaction_type in ("redeem", "expire", "cancel_earn")
        return -self.points if takes else self.points


@dataclass
class Lot:
    """Points that came together, and how many of them are left."""

    entry: Entry
    expires_at: datetime | None
    is_lapsing: bool
    left: Decimal

    def exists(self, moment: datetime) -> bool:
        return self.entry.occurred_at <= moment and not self.has_lapsed(moment)

    def has_lapsed(self, moment: datetime) -> bool:
        return self.is_lapsing and self.expires_at is not None and self.expires_at <= moment


@dataclass(frozen=True)
class Use:
    """What an entry took from a lot; no entry where the lot lapses, no lot where none had the points."""

    lot: Lot | None
    entry: Entry | None
    use_type: str
    points: Decimal
    used_at: datetime


@dataclass
class Member:
    """What became of the points of one member in one programme."""

    lots: list[Lot] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)


def follow(
    entries: Iterable[Entry], *, is_computed: bool, points_expire_after_days: int | None
) -> Member:
    """Takes every entry in turn; in computed mode what is left at the end of a lot lapses."""
    member = Member()
    uses = []
    for entry in entries:
        if entry.signed_points > 0:
            expires_at = entry.expires_at
            if expires_at is None and points_expire_after_days is not None:
                expires_at = entry.occurred_at + timedelta(days=points_expire_after_days)
            member.lots.append(Lot(entry, expires_at, is_computed, entry.points))
        elif entry.signed_points < 0 and not (is_computed and entry.transaction_type == "expire"):
            uses.append(entry)
    for entry in sorted(uses, key=lambda one: (one.occurred_at, one.entry_id)):
        _take(member, entry)
    for lot in member.lots:
        if is_computed and lot.expires_at is not None and lot.left > 0:
            member.uses.append(Use(lot, None, "expired", lot.left, lot.expires_at))
            lot.left = NOTHING
    return member


def _take(member: Member, entry: Entry) -> None:
    wanted = -entry.signed_points
    if entry.transaction_type == "cancel_earn" and entry.order_id is not None:
        own = [lot for lot in member.lots if lot.entry.order_id == entry.order_id]
        wanted = _take_from(member, own, entry, wanted, "cancelled")
    use_type = "expired" if entry.transaction_type == "expire" else "redeemed"
    wanted = _take_from(member, member.lots, entry, wanted, use_type)
    if wanted > 0:
        member.uses.append(Use(None, entry, "uncovered", wanted, entry.occurred_at))


def _take_from(
    member: Member, lots: Sequence[Lot], entry: Entry, wanted: Decimal, use_type: str
) -> Decimal:
    """Takes from the lots in turn, and says how much is still wanted."""
    moment = entry.occurred_at
    held = [lot for lot in lots if lot.left > 0 and lot.exists(moment)]

    def turn(lot: Lot) -> tuple:
        is_pending = lot.entry.available_at > moment
        never = lot.expires_at is None
        return is_pending, never, lot.expires_at or moment, lot.entry.occurred_at, lot.entry.entry_id

    for lot in sorted(held, key=turn):
        taken = min(lot.left, wanted)
        if taken > 0:
            lot.left -= taken
            wanted -= taken
            member.uses.append(Use(lot, entry, use_type, taken, moment))
    return wanted
