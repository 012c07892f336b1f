"""The points ledger: what was issued, what became of it, what is owed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from reference.identity import Identities
from reference.orders import Sale
from reference.periods import Period, periods_between
from reference.raw import Row, local_date
from reference.settings import Settings
from reference.statistics import ratio

# The flow that each type of entry belongs to, and whether it adds to the balance.
FLOWS = {
    "earn": ("points_issued", 1),
    "redeem": ("points_redeemed", -1),
    "restore": ("points_restored", 1),
    "expire": ("points_expired", -1),
    "cancel_earn": ("points_cancelled", -1),
    "adjust": ("points_adjusted", 1),
}


FACT_COLUMNS = [
    "loyalty_transaction_id",
    "customer_id",
    "source_customer_id",
    "program_id",
    "order_id",
    "partner_id",
    "transaction_type",
    "activity",
    "points",
    "occurred_at",
    "available_at",
    "expires_at",
    "reward_id",
    "reward_type",
    "reward_cost",
]


def of_customers(ledger: Iterable[Row], identities: Identities) -> list[Row]:
    """The accepted entries, each with the customer that its customer_id resolves to."""
    return [
        {
            **entry,
            "source_customer_id": entry["customer_id"],
            "customer_id": identities.resolve(entry["customer_id"]),
        }
        for entry in ledger
    ]


def fct_loyalty_transactions(ledger: Iterable[Row], settings: Settings) -> list[Row]:
    """Every accepted entry; `signed_points` is what it does to the balance."""
    return [
        {
            **{name: entry[name] for name in FACT_COLUMNS},
            "signed_points": FLOWS[entry["transaction_type"]][1] * entry["points"],
            "occurred_date": local_date(entry["occurred_at"], settings.reporting_timezone),
        }
        for entry in ledger
    ]


def rpt_loyalty_by_period(
    ledger: Iterable[Row], sales: Iterable[Sale], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each programme in each period. `sales` are the counted orders up to as_of."""
    if as_of is None:
        return []
    entries = [_with_local_dates(entry, settings) for entry in ledger]
    entries = [entry for entry in entries if entry["occurred_date"] <= as_of]
    if not entries:
        return []
    first = min([e["occurred_date"] for e in entries] + [sale.order_date for sale in sales])
    return [
        {
            "period_grain": grain,
            "period_start": period.start,
            "period_end": period.end,
            "is_complete": period.end <= as_of,
            "program_id": program_id,
            **_program_period([e for e in entries if e["program_id"] == program_id], period, as_of),
        }
        for program_id in sorted({entry["program_id"] for entry in entries})
        for grain in settings.period_grains
        for period in periods_between(first, as_of, grain, settings.week_start)
    ]


def _with_local_dates(entry: Row, settings: Settings) -> Row:
    zone = settings.reporting_timezone
    return {
        **entry,
        "occurred_date": local_date(entry["occurred_at"], zone),
        "available_date": local_date(entry["available_at"], zone),
    }


def _flow(entries: Iterable[Row], transaction_type: str) -> Decimal:
    """The points of one type of entry; those of an adjustment carry their own sign."""
    return sum(
        (e["points"] for e in entries if e["transaction_type"] == transaction_type), Decimal(0)
    )


def _adds_points(entry: Row) -> bool:
    """Does the entry add points that can be spent once they are available?"""
    is_addition = FLOWS[entry["transaction_type"]][1] > 0
    return is_addition and entry["points"] > 0


def _program_period(entries: list[Row], period: Period, as_of: date) -> Row:
    """The flows of a period and the balances at its end, as far as known at as_of."""
    end = min(period.end, as_of)
    inside = [entry for entry in entries if entry["occurred_date"] in period]
    so_far = [entry for entry in entries if entry["occurred_date"] <= end]
    flows = {column: _flow(inside, word) for word, (column, _) in FLOWS.items()}
    balance = sum((sign * _flow(so_far, word) for word, (_, sign) in FLOWS.items()), Decimal(0))
    pending = sum(
        (e["points"] for e in so_far if _adds_points(e) and e["available_date"] > end), Decimal(0)
    )
    return {
        **flows,
        "points_pending": pending,
        "points_outstanding": balance - pending,
        "earning_members": _members(inside, "earn"),
        "redeeming_members": _members(inside, "redeem"),
        "redemption_rate": ratio(flows["points_redeemed"], flows["points_issued"]),
        "redemption_rate_to_date": ratio(_flow(so_far, "redeem"), _flow(so_far, "earn")),
    }


def _members(entries: Iterable[Row], transaction_type: str) -> int:
    """The distinct members with an entry of that type."""
    return len({e["customer_id"] for e in entries if e["transaction_type"] == transaction_type})
