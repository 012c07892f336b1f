"""The points ledger: what was issued, what became of it, what is owed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from reference.identity import Identities
from reference.lots import Account, pending
from reference.memberships import Membership, Memberships
from reference.orders import Sale
from reference.periods import ONE_DAY, Period, period_of, periods_between
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


@dataclass(frozen=True)
class ProgramSale:
    """A counted order and the programme whose card or discount was used."""

    program_id: str
    sale: Sale
    loyalty_discounts: Decimal


@dataclass(frozen=True)
class Activity:
    """All that happened in the programmes by as_of."""

    ledger_rows: Iterable[Row]
    accounts: Mapping[tuple[str, str], Account]
    memberships: Memberships
    sales: Iterable[Sale]
    program_sales: Iterable[ProgramSale]
    as_of: date | None

    def spine(self, settings: Settings) -> list[tuple[Period, str]]:
        """Every programme with anything by as_of in every period since the first day of all."""
        if self.as_of is None:
            return []
        days = [(row["program_id"], row["occurred_date"]) for row in self.ledger_rows]
        days += [
            (membership.program_id, event["occurred_date"])
            for membership in self.memberships.values()
            for event in membership.events
        ]
        days += [(one.program_id, one.sale.order_date) for one in self.program_sales]
        days = [(program_id, day) for program_id, day in days if day <= self.as_of]
        if not days:
            return []
        first = min([day for _, day in days] + [sale.order_date for sale in self.sales])
        return [
            (period, program_id)
            for program_id in sorted({program_id for program_id, _ in days})
            for grain in settings.period_grains
            for period in periods_between(first, self.as_of, grain, settings.week_start)
        ]


def program_sales_of(sales: Iterable[Sale], orders: Mapping[str, Row]) -> list[ProgramSale]:
    """The counted orders up to as_of with a programme."""
    return [
        ProgramSale(
            orders[sale.order_id]["loyalty_program_id"],
            sale,
            orders[sale.order_id]["loyalty_discounts"],
        )
        for sale in sales
        if orders[sale.order_id]["loyalty_program_id"] is not None
    ]


def rpt_loyalty_by_period(activity: Activity, settings: Settings) -> list[Row]:
    """Each programme in each period."""
    parts: dict[str, ProgramParts] = {}
    for period, program_id in activity.spine(settings):
        parts.setdefault(program_id, ProgramParts.of(program_id, activity))
    return [
        {
            "period_grain": period.grain,
            "period_start": period.start,
            "period_end": period.end,
            "is_complete": period.end <= activity.as_of,
            "program_id": program_id,
            **_program_period(parts[program_id], period, activity.as_of),
        }
        for period, program_id in activity.spine(settings)
    ]


@dataclass(frozen=True)
class ProgramParts:
    """What of everything is one programme's."""

    accounts: list[Account]
    memberships: list[Membership]
    program_sales: list[ProgramSale]

    @classmethod
    def of(cls, program_id: str, activity: Activity) -> ProgramParts:
        return cls(
            [one for one in activity.accounts.values() if one.program_id == program_id],
            [one for one in activity.memberships.values() if one.program_id == program_id],
            [one for one in activity.program_sales if one.program_id == program_id],
        )


def _flow(entries: Iterable[Row], transaction_type: str) -> Decimal:
    """The points of one type of entry; those of an adjustment carry their own sign."""
    return sum(
        (e["points"] for e in entries if e["transaction_type"] == transaction_type), Decimal(0)
    )


def _program_period(parts: ProgramParts, period: Period, as_of: date) -> Row:
    """The flows of a period and the balances at its end, as far as known at as_of."""
    end = min(period.end, as_of)
    entries = [entry for account in parts.accounts for entry in account.entries]
    inside = [e for e in entries if e["occurred_date"] in period and e["occurred_date"] <= as_of]
    so_far = [entry for entry in entries if entry["occurred_date"] <= end]
    lapses = [use for account in parts.accounts for use in account.lapses(end)]
    flows = {column: _flow(inside, word) for word, (column, _) in FLOWS.items()}
    flows["points_expired"] += sum((use.points for use in lapses if use.day in period), Decimal(0))
    balance = sum((sign * _flow(so_far, word) for word, (_, sign) in FLOWS.items()), Decimal(0))
    balance -= sum((use.points for use in lapses), Decimal(0))
    waiting = sum((pending(account, end) for account in parts.accounts), Decimal(0))
    return {
        **flows,
        "points_pending": waiting,
        "points_outstanding": balance - waiting,
        "points_uncovered": sum((a.uncovered_by(end) for a in parts.accounts), Decimal(0)),
        "earning_members": _members(inside, "earn"),
        "redeeming_members": _members(inside, "redeem"),
        "redemption_rate": ratio(flows["points_redeemed"], flows["points_issued"]),
        "redemption_rate_to_date": ratio(_flow(so_far, "redeem"), _flow(so_far, "earn")),
        **_memberships(parts, inside, period, as_of),
        **_money(parts, inside, period, as_of),
    }


def _memberships(parts: ProgramParts, inside: list[Row], period: Period, as_of: date) -> Row:
    """Who was a member, who came and who went."""
    end = min(period.end, as_of)
    spells = [spell for membership in parts.memberships for spell in membership.spells]
    at_start = sum(spell.is_open_on(period.start - ONE_DAY) for spell in spells)
    at_end = sum(spell.is_open_on(end) for spell in spells)
    left = sum(spell.left_date is not None and period.start <= spell.left_date <= end for spell in spells)
    participating = _members(inside, "earn", "redeem")
    return {
        "members_at_start": at_start,
        "members_enrolled": sum(period.start <= spell.enrolled_date <= end for spell in spells),
        "members_left": left,
        "members_at_end": at_end,
        "participating_members": participating,
        "participation_rate": ratio(participating, at_end),
        "member_churn_rate": ratio(left, at_start),
    }


def _money(parts: ProgramParts, inside: list[Row], period: Period, as_of: date) -> Row:
    """What rewards cost, what members paid, what the orders of the programme came to."""
    rewards = [entry for entry in inside if entry["transaction_type"] == "redeem"]
    reward_cost = sum((entry["reward_cost"] or Decimal(0) for entry in rewards), Decimal(0))
    fee_revenue = sum(
        (
            event["fee_amount"]
            for membership in parts.memberships
            for event in membership.events
            if event["occurred_date"] in period and event["occurred_date"] <= as_of
        ),
        Decimal(0),
    )
    orders = [one for one in parts.program_sales if one.sale.order_date in period]
    gross_sales = sum((one.sale.gross_sales for one in orders), Decimal(0))
    discounts = sum((one.loyalty_discounts for one in orders), Decimal(0))
    return {
        "reward_cost": reward_cost,
        "rewards_redeemed": len(rewards),
        "rewards_without_points": sum(entry["points"] == 0 for entry in rewards),
        "fee_revenue": fee_revenue,
        "program_orders": len(orders),
        "program_gross_sales": gross_sales,
        "program_net_sales": sum((one.sale.net_sales for one in orders), Decimal(0)),
        "loyalty_discounts": discounts,
        "loyalty_discount_rate": ratio(discounts, gross_sales),
        "benefits_used": discounts + reward_cost,
        "fees_less_benefits": fee_revenue - discounts - reward_cost,
    }


def _members(entries: Iterable[Row], *transaction_types: str) -> int:
    """The distinct members with an entry of one of those types."""
    return len({e["customer_id"] for e in entries if e["transaction_type"] in transaction_types})


# ---------------------------------------------------------------- partners

PARTNER_FLOWS = {
    "earn": "points_issued",
    "cancel_earn": "points_cancelled",
    "redeem": "points_redeemed",
    "restore": "points_restored",
}


def rpt_partner_settlement(
    ledger_rows: Iterable[Row], program_rows: Iterable[Row], as_of: date | None, settings: Settings
) -> list[Row]:
    """What a programme and a partner owe each other for a period in which something happened."""
    programs = {row["program_id"]: row for row in program_rows}
    groups: dict[tuple[Period, str, str], list[Row]] = {}
    for row in ledger_rows:
        is_known = as_of is not None and row["occurred_date"] <= as_of
        if is_known and row["partner_id"] is not None and row["transaction_type"] in PARTNER_FLOWS:
            for grain in settings.period_grains:
                period = period_of(row["occurred_date"], grain, settings.week_start)
                key = period, row["program_id"], row["partner_id"]
                groups.setdefault(key, []).append(row)
    return [
        {
            "period_grain": period.grain,
            "period_start": period.start,
            "period_end": period.end,
            "is_complete": period.end <= as_of,
            "program_id": program_id,
            "partner_id": partner_id,
            **_settlement(rows, programs[program_id]),
        }
        for (period, program_id, partner_id), rows in groups.items()
    ]


def _settlement(entries: list[Row], program: Row) -> Row:
    flows = {column: _flow(entries, word) for word, column in PARTNER_FLOWS.items()}
    value = Fraction(program["point_value"])
    issued = Fraction(flows["points_issued"] - flows["points_cancelled"]) * value
    redeemed = Fraction(flows["points_redeemed"] - flows["points_restored"]) * value
    rewards = [entry for entry in entries if entry["transaction_type"] == "redeem"]
    cost = sum((entry["reward_cost"] or Decimal(0) for entry in rewards), Decimal(0))
    shared = Fraction(cost) * Fraction(program["partner_cost_share"] or 0)
    return {
        **flows,
        "issued_value": float(issued),
        "redeemed_value": float(redeemed),
        "reward_cost": cost,
        "partner_reward_cost": float(shared),
        "net_due_from_partner": float(issued - redeemed + shared),
    }
