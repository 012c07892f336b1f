"""Who belongs to a programme from when to when, in which tier, and for how many terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from reference.identity import Identities
from reference.lots import NOTHING, Account, balance_of_entries, pending
from reference.orders import UNKNOWN, Sale
from reference.periods import ONE_DAY, Period, periods_between
from reference.raw import Row, local_date
from reference.sbg import Fit, fit_shifted_beta_geometric
from reference.settings import Settings
from reference.statistics import rate_with_interval, ratio

NONE = "none"


@dataclass
class Spell:
    """A membership without a break. `events` are those between its two ends."""

    enrolled_at: datetime
    enrolled_date: date
    left_at: datetime | None = None
    left_date: date | None = None
    events: list[Row] = field(default_factory=list)

    def is_open_on(self, day: date) -> bool:
        """At the end of the day."""
        return self.enrolled_date <= day and (self.left_date is None or day < self.left_date)

    def has_left_by(self, day: date) -> bool:
        return self.left_date is not None and self.left_date <= day

    def renewals(self, day: date) -> int:
        """What opens a spell renews nothing."""
        return sum(
            event["event_type"] == "renewed" and event["occurred_date"] <= day
            for event in self.events[1:]
        )


@dataclass
class TierSpan:
    """A tier from one change to the next."""

    tier: str
    valid_from_at: datetime
    valid_to_at: datetime | None
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """At the end of the day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def days_within(self, start: date, end: date) -> int:
        last = end if self.valid_to is None else min(end, self.valid_to - ONE_DAY)
        return max(0, (last - max(start, self.valid_from)).days + 1)


@dataclass
class Membership:
    """One member in one programme."""

    customer_id: str
    program_id: str
    events: list[Row] = field(default_factory=list)
    account: Account | None = None
    spells: list[Spell] = field(default_factory=list)
    tiers: list[TierSpan] = field(default_factory=list)

    def spell_on(self, day: date) -> Spell | None:
        return next((spell for spell in self.spells if spell.is_open_on(day)), None)

    def tier_on(self, day: date) -> str | None:
        return next((span.tier for span in self.tiers if span.holds_on(day)), None)


Memberships = Mapping[tuple[str, str], Membership]


def events_of_customers(
    events: Iterable[Row], identities: Identities, settings: Settings
) -> list[Row]:
    """The accepted events, each with the customer that its customer_id resolves to."""
    return [
        {
            **event,
            "source_customer_id": event["customer_id"],
            "customer_id": identities.resolve(event["customer_id"]),
            "occurred_date": local_date(event["occurred_at"], settings.reporting_timezone),
        }
        for event in events
    ]


def memberships_of(
    events: Iterable[Row],
    ledger_rows: Iterable[Row],
    accounts: Mapping[tuple[str, str], Account],
    as_of: date | None,
) -> dict[tuple[str, str], Membership]:
    """Of whoever has an event or an entry. Where there are events by as_of they alone say who is a member."""
    found: dict[tuple[str, str], Membership] = {}
    for key, account in accounts.items():
        found[key] = Membership(*key, account=account)
    for event in sorted(events, key=lambda e: (e["occurred_at"], e["membership_event_id"])):
        key = event["customer_id"], event["program_id"]
        found.setdefault(key, Membership(*key)).events.append(event)
    first_entries: dict[tuple[str, str], Row] = {}
    for row in sorted(ledger_rows, key=lambda r: r["occurred_at"]):
        first_entries.setdefault((row["customer_id"], row["program_id"]), row)
    for key, membership in found.items():
        membership.spells = _spells(membership.events)
        membership.tiers = [span for spell in membership.spells for span in _tiers(spell)]
        is_told = any(as_of and event["occurred_date"] <= as_of for event in membership.events)
        if key in first_entries and not is_told:
            entry = first_entries[key]
            membership.spells = [Spell(entry["occurred_at"], entry["occurred_date"])]
    return found


def _spells(events: list[Row]) -> list[Spell]:
    spells: list[Spell] = []
    is_open = False
    for event in events:
        opens = not spells or event["event_type"] in ("enrolled", "renewed")
        if is_open:
            spells[-1].events.append(event)
        elif opens:
            spells.append(Spell(event["occurred_at"], event["occurred_date"], events=[event]))
            is_open = True
        if is_open and event["event_type"] == "left":
            spells[-1].left_at = event["occurred_at"]
            spells[-1].left_date = event["occurred_date"]
            is_open = False
    return spells


def _tiers(spell: Spell) -> list[TierSpan]:
    """Of several tiers at one moment the last holds; a tier that follows itself is no change."""
    at_moment: dict[datetime, Row] = {}
    for event in spell.events:
        if event["tier"] is not None and event["event_type"] != "left":
            at_moment[event["occurred_at"]] = event
    changes: list[Row] = []
    for moment, event in at_moment.items():
        is_change = not changes or changes[-1]["tier"] != event["tier"]
        # Who leaves at the very moment was never in the tier.
        if is_change and moment != spell.left_at:
            changes.append(event)
    ends = [(event["occurred_at"], event["occurred_date"]) for event in changes[1:]]
    ends.append((spell.left_at, spell.left_date))
    return [
        TierSpan(event["tier"], event["occurred_at"], end_at, event["occurred_date"], end)
        for event, (end_at, end) in zip(changes, ends, strict=False)
    ]


# ---------------------------------------------------------------- members


def dim_loyalty_members(
    memberships: Memberships, ledger_rows: Iterable[Row], as_of: date | None, settings: Settings
) -> list[Row]:
    """Whoever has an event or an entry by as_of."""
    if as_of is None:
        return []
    entries: dict[tuple[str, str], list[Row]] = {}
    for row in ledger_rows:
        if row["occurred_date"] <= as_of:
            entries.setdefault((row["customer_id"], row["program_id"]), []).append(row)
    rows = []
    for key, membership in memberships.items():
        events = [event for event in membership.events if event["occurred_date"] <= as_of]
        known = events or entries.get(key)
        if known:
            enrolled_at = min(row["occurred_at"] for row in known)
            rows.append(_member(membership, events, enrolled_at, as_of, settings))
    return rows


def _member(
    membership: Membership, events: list[Row], enrolled_at: datetime, as_of: date, settings: Settings
) -> Row:
    spell = membership.spell_on(as_of)
    # The spell that is open, or the last that was: who left did so from a tier.
    begun = [one for one in membership.spells if one.enrolled_date <= as_of]
    tiers = [
        event["tier"]
        for event in (begun[-1].events if begun else [])
        if event["event_type"] != "left"
        and event["occurred_date"] <= as_of
        and event["tier"] is not None
    ]
    return {
        "customer_id": membership.customer_id,
        "program_id": membership.program_id,
        "enrolled_at": enrolled_at,
        "left_at": begun[-1].left_at if begun and not spell else None,
        "is_active": spell is not None,
        "tier": tiers[-1] if tiers else None,
        "renewals": begun[-1].renewals(as_of) if begun else 0,
        "fees_paid": sum((event["fee_amount"] for event in events), NOTHING),
        **_points(membership.account, as_of, settings),
    }


def _points(account: Account | None, as_of: date, settings: Settings) -> Row:
    """What one member's points stand at."""
    names = ("balance", "pending", "uncovered", "earned", "redeemed", "expired", "expiring_30d")
    if account is None:
        return {f"points_{name}": NOTHING for name in names}
    entries = [entry for entry in account.entries if entry["occurred_date"] <= as_of]
    lapsed = sum((use.points for use in account.lapses(as_of)), NOTHING)
    waiting = pending(account, as_of)

    def total(kind: str) -> Decimal:
        return sum((e["points"] for e in entries if e["transaction_type"] == kind), NOTHING)

    expiring = NOTHING
    for lot in account.lots:
        if lot.earned_date <= as_of and lot.expires_at is not None:
            end = local_date(lot.expires_at, settings.reporting_timezone)
            if as_of < end <= as_of + timedelta(days=30):
                expiring += lot.remaining(as_of)
    return {
        "points_balance": balance_of_entries(account, as_of) - lapsed - waiting,
        "points_pending": waiting,
        "points_uncovered": account.uncovered_by(as_of),
        "points_earned": total("earn"),
        "points_redeemed": total("redeem"),
        "points_expired": total("expire") + lapsed,
        "points_expiring_30d": expiring,
    }


# ---------------------------------------------------------------- tiers


def fct_loyalty_tiers(memberships: Memberships) -> list[Row]:
    """Each member's tiers, of all time."""
    return [
        {
            "customer_id": membership.customer_id,
            "program_id": membership.program_id,
            "valid_from_at": span.valid_from_at,
            "valid_to_at": span.valid_to_at,
            "tier": span.tier,
        }
        for membership in memberships.values()
        for span in membership.tiers
    ]


def _by_program(memberships: Memberships) -> dict[str, list[Membership]]:
    by_program: dict[str, list[Membership]] = {}
    for membership in memberships.values():
        by_program.setdefault(membership.program_id, []).append(membership)
    return by_program


def _tiered_programs(memberships: Memberships, as_of: date) -> dict[str, list[Membership]]:
    """Those in which somebody had a tier by as_of."""
    return {
        program_id: members
        for program_id, members in _by_program(memberships).items()
        if any(span.valid_from <= as_of for member in members for span in member.tiers)
    }


def _labels(period: Period, program_id: str, as_of: date) -> Row:
    return {
        "period_grain": period.grain,
        "period_start": period.start,
        "period_end": period.end,
        "is_complete": period.end <= as_of,
        "program_id": program_id,
    }


def rpt_tier_migration(
    memberships: Memberships, as_of: date | None, settings: Settings
) -> list[Row]:
    """From which tier to which, of members at both ends of a period; who came and who went."""
    rows: list[Row] = []
    for program_id, members in _tiered_programs(memberships, as_of).items() if as_of else ():
        first = min(spell.enrolled_date for member in members for spell in member.spells)
        for grain in settings.period_grains:
            for period in periods_between(first, as_of, grain, settings.week_start):
                moves: dict[tuple[str, str, str], int] = {}
                for member in members:
                    move = _move(member, period.start - ONE_DAY, min(period.end, as_of))
                    if move:
                        moves[move] = moves.get(move, 0) + 1
                rows += [
                    _labels(period, program_id, as_of)
                    | {"from_tier": before, "to_tier": now, "movement": movement, "members": count}
                    for (before, now, movement), count in moves.items()
                ]
    return rows


def _move(member: Membership, before: date, now: date) -> tuple[str, str, str] | None:
    was, is_now = member.spell_on(before), member.spell_on(now)
    old, new = member.tier_on(before) or UNKNOWN, member.tier_on(now) or UNKNOWN
    if was and is_now:
        return old, new, "both_ends"
    if is_now:
        return NONE, new, "entered"
    return (old, NONE, "left") if was else None


def rpt_tiers_by_period(
    memberships: Memberships, sales: Iterable[Sale], as_of: date | None, settings: Settings
) -> list[Row]:
    """Each tier in each period in which anybody was in it for a day."""
    rows: list[Row] = []
    by_customer: dict[str | None, list[Sale]] = {}
    for sale in sales:
        by_customer.setdefault(sale.customer_id, []).append(sale)
    for program_id, members in _tiered_programs(memberships, as_of).items() if as_of else ():
        spans = [(member.customer_id, span) for member in members for span in member.tiers]
        spans = [(customer, span) for customer, span in spans if span.valid_from <= as_of]
        first = min(span.valid_from for _, span in spans)
        for tier in {span.tier for _, span in spans}:
            of_tier = [(customer, span) for customer, span in spans if span.tier == tier]
            for grain in settings.period_grains:
                for period in periods_between(first, as_of, grain, settings.week_start):
                    labels = _labels(period, program_id, as_of) | {"tier": tier}
                    counts = _tier_period(of_tier, by_customer, period, as_of)
                    if counts["members_ever"]:
                        rows.append(labels | counts)
    return rows


def _tier_period(
    spans: list[tuple[str, TierSpan]],
    sales: Mapping[str | None, list[Sale]],
    period: Period,
    as_of: date,
) -> Row:
    end = min(period.end, as_of)
    days = sum(span.days_within(period.start, end) for _, span in spans)
    inside = [
        sale
        for customer, span in spans
        for sale in sales.get(customer, [])
        if period.start <= sale.order_date <= end and span.holds_on(sale.order_date)
    ]
    net_sales = sum((sale.net_sales for sale in inside), Decimal(0))
    return {
        "members_at_end": len({customer for customer, span in spans if span.holds_on(end)}),
        "members_ever": len(
            {customer for customer, span in spans if span.days_within(period.start, end)}
        ),
        "days_in_tier": days,
        "orders": len(inside),
        "net_sales": net_sales,
        "net_sales_per_member_day": ratio(net_sales, days),
    }


# ---------------------------------------------------------------- survival


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def survival_counts(
    memberships: Memberships, as_of: date | None
) -> dict[str, tuple[str, list[tuple[int, int]]]]:
    """By programme the unit of a tenure, and of each tenure those at risk and those who left."""
    counts: dict[str, tuple[str, list[tuple[int, int]]]] = {}
    for program_id, members in _by_program(memberships).items() if as_of else ():
        spells = [spell for member in members for spell in member.spells]
        spells = [spell for spell in spells if spell.enrolled_date <= as_of]
        is_renewed = any(
            event["event_type"] == "renewed" and event["occurred_date"] <= as_of
            for member in members
            for event in member.events
        )
        terms = []
        for spell in spells:
            terms.append(_renewals(spell, as_of) if is_renewed else _months(spell, as_of))
        of_program = []
        for tenure in range(1, max((seen for seen, _ in terms), default=0) + 1):
            at_risk = sum(seen >= tenure for seen, _ in terms)
            left = sum(seen == tenure and has_left for seen, has_left in terms)
            of_program.append((at_risk, left))
        if of_program:
            counts[program_id] = ("renewal" if is_renewed else "month", of_program)
    return counts


def _renewals(spell: Spell, as_of: date) -> tuple[int, bool]:
    """The tenures whose outcome is known, and whether the last was the end."""
    has_left = spell.has_left_by(as_of)
    return spell.renewals(as_of) + has_left, has_left


def _months(spell: Spell, as_of: date) -> tuple[int, bool]:
    has_left = spell.has_left_by(as_of)
    # The day of leaving is not of the membership; as_of is over.
    until = spell.left_date if has_left else as_of + ONE_DAY
    complete = 0
    while add_months(spell.enrolled_date, complete + 1) <= until:
        complete += 1
    return complete + has_left, has_left


def rpt_membership_survival(memberships: Memberships, as_of: date | None) -> list[Row]:
    """How many of those who came so far went on. The fit stands apart, see survival_fits."""
    rows = []
    for program_id, (unit, counts) in survival_counts(memberships, as_of).items():
        survival = Decimal(1)
        for tenure, (at_risk, left) in enumerate(counts, start=1):
            survival *= Decimal(at_risk - left) / at_risk
            rows.append(
                {
                    "program_id": program_id,
                    "tenure": tenure,
                    "tenure_unit": unit,
                    "at_risk": at_risk,
                    "left": left,
                    "survival_rate": float(survival),
                    **rate_with_interval("renewal_rate", at_risk - left, at_risk),
                }
            )
    return rows


def survival_fits(memberships: Memberships, as_of: date | None) -> dict[str, Fit]:
    """The shifted beta geometric distribution of each programme."""
    return {
        program_id: fit_shifted_beta_geometric(counts)
        for program_id, (_, counts) in survival_counts(memberships, as_of).items()
    }
