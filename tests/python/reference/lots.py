"""Lots of points and what became of them: a queue per member and programme, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from reference.programs import COMPUTED, POSTED, expiry_mode
from reference.raw import Row, local_date
from reference.settings import Settings

NOTHING = Decimal(0)
REDEEMED, EXPIRED, CANCELLED = "redeemed", "expired", "cancelled"
# What becomes of a lot that an entry takes from, and what it is when nothing is left to take.
WAYS = {
    "redeem": (REDEEMED, "redeems_more_than_balance"),
    "expire": (EXPIRED, "expires_more_than_balance"),
    "cancel_earn": (REDEEMED, "cancels_more_than_balance"),
    "adjust": (REDEEMED, "adjusts_below_zero"),
}


class Use(NamedTuple):
    """Points that left a lot: by an entry, or because it lapsed."""

    kind: str
    day: date
    points: Decimal
    entry_id: str | None


@dataclass
class Lot:
    """Points that came in at once, and where they went."""

    entry: Row
    earned_date: date
    expires_at: datetime | None
    uses: list[Use] = field(default_factory=list)

    @property
    def points(self) -> Decimal:
        return self.entry["points"]

    @property
    def lapse(self) -> Use | None:
        return next((use for use in self.uses if use.entry_id is None), None)

    def left(self) -> Decimal:
        """At this moment of the walk through the ledger."""
        return self.points - sum((use.points for use in self.uses), NOTHING)

    def used(self, kind: str, day: date) -> Decimal:
        """Points that went that way by the end of the day."""
        return sum(
            (use.points for use in self.uses if use.kind == kind and use.day <= day), NOTHING
        )

    def remaining(self, day: date) -> Decimal:
        """At the end of the day."""
        return self.points - sum((use.points for use in self.uses if use.day <= day), NOTHING)

    def is_purchase(self) -> bool:
        is_earned = self.entry["transaction_type"] == "earn"
        return is_earned and self.entry["activity"] == "purchase"


@dataclass
class Account:
    """One member's points in one programme."""

    customer_id: str
    program_id: str
    mode: str
    # Entries that count, in the order in which they are worked off.
    entries: list[Row] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    # By entry: points that no lot covered, and what else is odd.
    uncovered: dict[str, Decimal] = field(default_factory=dict)
    oddities: dict[str, set[str]] = field(default_factory=dict)

    def uncovered_by(self, day: date) -> Decimal:
        """Negative balance at the end of the day."""
        return sum(
            (
                self.uncovered.get(entry["loyalty_transaction_id"], NOTHING)
                for entry in self.entries
                if entry["occurred_date"] <= day
            ),
            NOTHING,
        )

    def lapses(self, day: date) -> list[Use]:
        """Those dated by the day."""
        return [lot.lapse for lot in self.lots if lot.lapse and lot.lapse.day <= day]


def adds_points(entry: Row) -> bool:
    """Is the entry a lot?"""
    kind = entry["transaction_type"]
    return kind in ("earn", "restore", "adjust") and entry["points"] > 0


def signed_points(entry: Row) -> Decimal:
    sign = 1 if entry["transaction_type"] in ("earn", "restore", "adjust") else -1
    return sign * entry["points"]


def accounts_of(
    ledger: Iterable[Row], declared: Iterable[Row], settings: Settings
) -> dict[tuple[str, str], Account]:
    """Every member's account in every programme. Entries have their resolved customer."""
    zone = settings.reporting_timezone
    entries = [
        {
            **entry,
            "occurred_date": local_date(entry["occurred_at"], zone),
            "available_date": local_date(entry["available_at"], zone),
        }
        for entry in ledger
    ]
    life = {row["program_id"]: row["points_expire_after_days"] for row in declared}
    modes = {
        name: expiry_mode(name, entries, settings) for name in {e["program_id"] for e in entries}
    }
    accounts: dict[tuple[str, str], Account] = {}
    for entry in sorted(entries, key=lambda e: (e["occurred_at"], e["loyalty_transaction_id"])):
        key = entry["customer_id"], entry["program_id"]
        mode = modes[entry["program_id"]]
        accounts.setdefault(key, Account(*key, mode)).entries.append(entry)
    for account in accounts.values():
        _work_off(account, life.get(account.program_id), zone)
    return accounts


def _work_off(account: Account, life: int | None, zone: str) -> None:
    """Lots first come to be, then entries take from those that are there at their moment."""
    for entry in account.entries:
        if adds_points(entry):
            expires_at = entry["expires_at"]
            if expires_at is None and life is not None:
                expires_at = entry["occurred_at"] + timedelta(days=life)
            account.lots.append(Lot(entry, entry["occurred_date"], expires_at))
    counted = []
    for entry in account.entries:
        if entry["transaction_type"] == "expire" and account.mode == COMPUTED:
            _note(account, entry, "posted_expiry_not_used")
            continue
        counted.append(entry)
        if signed_points(entry) < 0:
            _let_lapse(account, entry["occurred_at"], zone)
            _use(account, entry)
    account.entries = counted
    _let_lapse(account, None, zone)


def _note(account: Account, entry: Row, reason: str) -> None:
    account.oddities.setdefault(entry["loyalty_transaction_id"], set()).add(reason)


def _let_lapse(account: Account, moment: datetime | None, zone: str) -> None:
    """Up to and including the moment; all that ever lapse where none is given."""
    if account.mode != COMPUTED:
        return
    for lot in account.lots:
        is_over = lot.expires_at is not None and (moment is None or lot.expires_at <= moment)
        # A lot of the future has no lapse yet, even if it ends at once.
        is_there = moment is None or lot.entry["occurred_at"] <= moment
        if is_over and is_there and lot.left() > 0:
            lot.uses.append(Use(EXPIRED, local_date(lot.expires_at, zone), lot.left(), None))


def _use(account: Account, entry: Row) -> None:
    """One entry takes what it can get."""
    moment, kind = entry["occurred_at"], entry["transaction_type"]
    wanted = -signed_points(entry)
    there = [lot for lot in account.lots if lot.entry["occurred_at"] <= moment]
    there.sort(key=lambda lot: _turn(lot, moment))
    if kind == "cancel_earn" and entry["order_id"] is not None:
        of_order = [lot for lot in there if lot.entry["order_id"] == entry["order_id"]]
        of_order.sort(key=_turn_of_own)
        if not of_order:
            _note(account, entry, "cancels_unknown_order")
        for lot in of_order:
            wanted -= _take(lot, wanted, CANCELLED, entry)
    way, too_much = WAYS[kind]
    for lot in there:
        taken = _take(lot, wanted, way, entry)
        wanted -= taken
        if taken and lot.entry["available_at"] > moment:
            _note(account, entry, "spends_pending_points")
        is_due = lot.expires_at is not None and lot.expires_at <= moment
        if taken and kind == "expire" and not is_due:
            _note(account, entry, "expires_before_due")
    if wanted:
        account.uncovered[entry["loyalty_transaction_id"]] = wanted
        _note(account, entry, too_much)


def _turn(lot: Lot, moment: datetime) -> tuple:
    """Available before pending, then as lots follow each other."""
    return lot.entry["available_at"] > moment, *_place(lot)


def _turn_of_own(lot: Lot) -> tuple:
    """What the order earned before what it gave back, pending or not."""
    return lot.entry["transaction_type"] != "earn", *_place(lot)


def _place(lot: Lot) -> tuple:
    """First to expire, first earned, id."""
    return (
        lot.expires_at is None,
        lot.expires_at or datetime.min,
        lot.entry["occurred_at"],
        lot.entry["loyalty_transaction_id"],
    )


def _take(lot: Lot, wanted: Decimal, kind: str, entry: Row) -> Decimal:
    taken = min(wanted, lot.left())
    if taken > 0:
        lot.uses.append(Use(kind, entry["occurred_date"], taken, entry["loyalty_transaction_id"]))
    return max(taken, NOTHING)


def fct_point_lots(
    accounts: Mapping[tuple[str, str], Account], as_of: date | None
) -> list[Row]:
    """Every lot, with every use of it; a lapse from its day on."""
    return [
        _lot_row(account, lot, as_of) for account in accounts.values() for lot in account.lots
    ]


def _lot_row(account: Account, lot: Lot, as_of: date | None) -> Row:
    known = [
        use
        for use in lot.uses
        if use.entry_id is not None or (as_of is not None and use.day <= as_of)
    ]
    gone = {
        kind: sum((use.points for use in known if use.kind == kind), NOTHING)
        for kind in (REDEEMED, EXPIRED, CANCELLED)
    }
    names = ("loyalty_transaction_id", "order_id", "transaction_type", "activity", "partner_id")
    return {
        **{name: lot.entry[name] for name in names},
        "customer_id": account.customer_id,
        "program_id": account.program_id,
        "earned_at": lot.entry["occurred_at"],
        "earned_date": lot.earned_date,
        "available_at": lot.entry["available_at"],
        "expires_at": lot.expires_at,
        "points_earned": lot.points,
        **{f"points_{kind}": points for kind, points in gone.items()},
        "points_remaining": lot.points - sum(gone.values(), NOTHING),
    }


def rpt_ledger_anomalies(
    accounts: Mapping[tuple[str, str], Account],
    ledger_rows: Iterable[Row],
    as_of: date | None,
    settings: Settings,
) -> list[Row]:
    """Entries by as_of that cannot be, or should not."""
    if as_of is None:
        return []
    rows = []
    for entry in ledger_rows:
        if entry["occurred_date"] > as_of:
            continue
        account = accounts[entry["customer_id"], entry["program_id"]]
        entry_id = entry["loyalty_transaction_id"]
        reasons = set(account.oddities.get(entry_id, set()))
        if account.mode == POSTED and any(
            _is_overdue(lot, as_of, settings)
            for lot in account.lots
            if lot.entry["loyalty_transaction_id"] == entry_id
        ):
            reasons.add("expiry_not_posted")
        if reasons:
            names = ("loyalty_transaction_id", "customer_id", "program_id")
            names += ("transaction_type", "points", "occurred_at")
            rows.append(
                {
                    **{name: entry[name] for name in names},
                    "anomalies": ",".join(sorted(reasons)),
                    "points_uncovered": account.uncovered.get(entry_id, NOTHING),
                }
            )
    return rows


def _is_overdue(lot: Lot, as_of: date, settings: Settings) -> bool:
    """Past its end and still there."""
    if lot.expires_at is None:
        return False
    is_over = local_date(lot.expires_at, settings.reporting_timezone) < as_of
    return is_over and lot.remaining(as_of) > 0


def fct_points_balances(
    accounts: Mapping[tuple[str, str], Account], as_of: date | None
) -> list[Row]:
    """A row for each day up to as_of on which an account changes: later lapses are not known yet, so
    that a later balance would be wrong."""
    if as_of is None:
        return []
    return [
        {
            "customer_id": account.customer_id,
            "program_id": account.program_id,
            "balance_date": day,
            "points_change": _balance(account, day) - _balance(account, before),
            "points_balance": _balance(account, day) - pending(account, day),
            "points_pending": pending(account, day),
            "points_uncovered": account.uncovered_by(day),
        }
        for account in accounts.values()
        for before, day in _days_of_change(account, as_of)
    ]


def _days_of_change(account: Account, as_of: date) -> list[tuple[date, date]]:
    days = {entry["occurred_date"] for entry in account.entries if entry["points"]}
    days |= {
        entry["available_date"]
        for entry in account.entries
        if adds_points(entry) and entry["available_date"] > entry["occurred_date"]
    }
    days |= {use.day for use in account.lapses(as_of)}
    ordered = sorted(day for day in days if day <= as_of)
    return list(zip([date.min, *ordered], ordered, strict=False))


def _balance(account: Account, day: date) -> Decimal:
    lapsed = sum((use.points for use in account.lapses(day)), NOTHING)
    return balance_of_entries(account, day) - lapsed


def balance_of_entries(account: Account, day: date) -> Decimal:
    """What the entries by the end of the day come to."""
    return sum(
        (signed_points(entry) for entry in account.entries if entry["occurred_date"] <= day),
        NOTHING,
    )


def pending(account: Account, day: date) -> Decimal:
    """What is left at the end of the day of points that can be spent only later."""
    return sum(
        (
            lot.remaining(day)
            for lot in account.lots
            if lot.earned_date <= day < lot.entry["available_date"]
        ),
        NOTHING,
    )
