"""What a random shop does with points and members: ledgers in which everything happens to a few
accounts, memberships that end and begin again, estimates of what will be redeemed.

Each function draws the raw rows of one table, with a generator of its own, see `beside`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from shop_kit import FIRST_DAY, Draw, Row, later, load_columns, local_instant

TABLE_COLUMNS = {
    "loyalty_memberships": [
        "membership_event_id",
        "customer_id",
        "program_id",
        "event_type",
        "occurred_at",
        "tier",
        "fee_amount",
    ],
    "redemption_estimates": ["program_id", "effective_from", "expected_redemption_rate"],
}
# May be absent from a raw table altogether.
SPARE_COLUMNS = {"loyalty_memberships": ["fee_amount"], "redemption_estimates": []}
LEDGER_COLUMNS = ["reward_id", "reward_cost"]
PROGRAM_COLUMNS = [
    "point_value",
    "points_expire_after_days",
    "expected_redemption_rate",
    "partner_cost_share",
]
AMOUNTS = {"fee_amount"}

MEMBERSHIP_DIRT: list[Row] = [
    {"event_type": "promoted"},
    {"event_type": None},
    {"fee_amount": "-0.01"},
    {"event_type": "?", "fee_amount": "-1"},
    {"customer_id": " "},
    {"program_id": None},
    {"occurred_at": None},
    {"membership_event_id": None},
]
UNREADABLE_MEMBERSHIP: list[Row] = [{"occurred_at": "last year"}, {"fee_amount": "free"}]
ESTIMATE_DIRT: list[Row] = [
    {"expected_redemption_rate": "-0.1"},
    {"expected_redemption_rate": "1.0001"},
    {"expected_redemption_rate": None},
    {"program_id": ""},
    {"effective_from": None},
]
UNREADABLE_ESTIMATE: list[Row] = [
    {"expected_redemption_rate": "most"},
    {"expected_redemption_rate": "NaN"},
    {"effective_from": "2024-02-30"},
]

POINTS = ["10", "10", "100", "2.5", "0.0001", "40", "33.3333"]
# What an entry is; expire stands here for programmes whose engine posts what expires.
TYPES = ["earn"] * 6 + ["redeem"] * 4 + ["cancel_earn"] * 2 + ["restore", "adjust", "adjust"]
TIERS = ["silver", " Silver", "gold", "gold", None, None]
EVENTS = ["renewed", "renewed", "tier_changed", " Tier_Changed", "left", "enrolled"]
RATES = ["0.5", "0.97", "0", "1", "0.3333"]


def beside(draw: Draw) -> Draw:
    """The same shop with a generator that takes no draw from the shop's own."""
    random = Random()
    random.setstate(draw.random.getstate())
    return replace(
        Draw(random, draw.number, draw.settings, draw.is_text),
        random=Random(f"loyalty {random.random()}"),
    )


def club(draw: Draw) -> str:
    """Lots that lapse by themselves."""
    return f"s{draw.number}-club"


def miles(draw: Draw) -> str:
    """An engine that posts what expires; with partners."""
    return f"s{draw.number}-miles"


def plus(draw: Draw) -> str:
    """Members who pay, in tiers."""
    return f"s{draw.number}-plus"


def program_rows(draw: Draw) -> list[Row]:
    """Each programme declared or not, with its own rules or without."""
    rows: list[Row] = []
    for program_id in (club(draw), miles(draw), plus(draw)):
        if draw.pick([False, True, True]):
            row = {
                "program_id": program_id,
                "program_name": None,
                "program_type": draw.pick([None, "points", "tiered"]),
                "point_value": draw.pick([None, "1", "0.02"]),
                "points_expire_after_days": draw.pick([None, 1, 30, 90, 366]),
                "expected_redemption_rate": draw.pick([None, None, "0.8", "0.25"]),
                "partner_cost_share": draw.pick([None, "0.5", "1"]),
                **load_columns(len(rows)),
            }
            rows += draw.versions(row, [{"points_expire_after_days": 7}, {"point_value": "3"}])
    return rows


def _order_ids(orders: Sequence[Row]) -> list[str]:
    ids = [row["order_id"] for row in orders if row["order_id"] and row["order_id"].strip()]
    return list(dict.fromkeys(ids)) or ["nowhere"]


def _moment(draw: Draw, at: datetime | None) -> datetime:
    """At the very same moment, the same day, or some time on."""
    if at is None:
        return draw.instant(draw.day_after(None))
    if draw.pick([False, False, False, True]):
        return at
    days = draw.pick([0, 1, 1, 7, 15, 29, 30, 31, 45, 90])
    return draw.instant((at + timedelta(days=days)).date())


def ledger(draw: Draw, people: Sequence[str], orders: Sequence[Row]) -> list[Row]:
    """Some twenty entries of few members in two programmes: enough to overspend, to come back and
    to lapse in between."""
    rows: list[Row] = []
    order_ids = _order_ids(orders)
    for program_id in (club(draw), miles(draw)):
        # Accounts that were merged away are some of them.
        members = [draw.pick(people), draw.pick(people)]
        is_posted = program_id == miles(draw) and draw.pick([True, True, True, False])
        named = [None, "nowhere", draw.pick(order_ids), draw.pick(order_ids)]
        at: datetime | None = None
        for _ in range(draw.random.randint(0, 14)):
            at = _moment(draw, at)
            rows.append(_entry(draw, len(rows), at, program_id, members, named, is_posted))
    return [version for row in rows for version in _filed(draw, row)]


def _entry(
    draw: Draw,
    number: int,
    at: datetime,
    program_id: str,
    members: Sequence[str],
    order_ids: Sequence[str | None],
    is_posted: bool,
) -> Row:
    kind = draw.pick(TYPES + ["expire"] * 3 * is_posted)
    points = draw.pick(POINTS)
    is_reward = kind == "redeem"
    if kind == "adjust":
        points = draw.pick([points, f"-{points}", f"-{points}", "0"])
    return {
        "loyalty_transaction_id": f"s{draw.number}-p{number + 8}",
        "customer_id": draw.pick(members),
        "transaction_type": kind,
        "points": points,
        "occurred_at": at,
        "program_id": program_id,
        "order_id": draw.pick(order_ids) if kind in ("earn", "cancel_earn", "restore") else None,
        "available_at": later(at, draw.pick([None, None, 0, 14, 31, 100])),
        "expires_at": later(at, draw.pick([None, None, None, 0, 10, 30, 60, 365])),
        "reward_id": draw.pick([None, "r-1"]) if is_reward else None,
        "reward_type": draw.pick([None, "discount"]) if is_reward else None,
        "reward_cost": draw.pick([None, "0", "3.5"]) if is_reward else None,
        "activity": draw.pick([None, None, "purchase", "birthday"]),
        "partner_id": draw.pick([None, "air", "bank"]) if program_id == miles(draw) else None,
        **load_columns(number),
    }


def _filed(draw: Draw, row: Row) -> list[Row]:
    """Rarely an experience that costs no points, rarely another version."""
    if row["transaction_type"] == "redeem":
        row = row | draw.rarely([{"points": "0", "reward_type": "experiential"}], 6)
    return draw.versions(row, [{"points": "7"}, {"partner_id": "bank"}])


def memberships(draw: Draw, people: Sequence[str]) -> list[Row]:
    """A few members with a handful of events each, in a programme of fees and tiers or in one
    that has points too."""
    rows: list[Row] = []
    for customer_id in people:
        if draw.pick([False, False, True]):
            continue
        program_id = draw.pick([plus(draw)] * 4 + [club(draw)])
        at: datetime | None = None
        kind = draw.pick(["enrolled"] * 6 + EVENTS)
        for _ in range(draw.random.randint(1, 8)):
            at = _moment(draw, at)
            row = {
                "membership_event_id": f"s{draw.number}-m{len(rows) + 8}",
                "customer_id": draw.floated(customer_id),
                "program_id": program_id,
                "event_type": kind,
                "occurred_at": at,
                "tier": draw.pick(TIERS),
                "fee_amount": draw.pick([None, "0", "9.99", "50"]),
                **load_columns(len(rows)),
            }
            row |= draw.rarely(
                MEMBERSHIP_DIRT + (UNREADABLE_MEMBERSHIP if draw.is_text else []), 12
            )
            rows += draw.versions(row, [{"tier": "gold"}, {"event_type": "left"}])
            kind = draw.pick(EVENTS)
    return rows


def redemption_estimates(draw: Draw) -> list[Row]:
    """What finance expects of a programme from a day on, of half of the programmes."""
    rows: list[Row] = []
    for program_id in (club(draw), miles(draw)):
        if draw.pick([False, True]):
            continue
        for _ in range(draw.pick([1, 2, 3])):
            row = {
                "program_id": program_id,
                "effective_from": draw.day_after(None),
                "expected_redemption_rate": draw.pick(RATES),
                **load_columns(len(rows)),
            }
            row |= draw.rarely(ESTIMATE_DIRT + (UNREADABLE_ESTIMATE if draw.is_text else []), 4)
            rows += draw.versions(row, [{"expected_redemption_rate": "0.75"}])
    # One shop has all that cannot be read: there are few estimates for chance to spoil.
    for dirt in UNREADABLE_ESTIMATE if draw.is_text and draw.number == 0 else []:
        row = {"program_id": club(draw), "effective_from": FIRST_DAY}
        rows.append(row | {"expected_redemption_rate": "1"} | load_columns(len(rows)) | dirt)
    return rows


def club_of_years(columns: Sequence[str]) -> list[Row]:
    """Members who renew month by month, ever more faithful the longer they stay: enough of them
    for a distribution to be fitted to."""
    rows: list[Row] = []
    stays = [0] * 12 + [1] * 5 + [2] * 3 + [3] * 2 + [4] * 2 + [6, 8]
    for member, terms in enumerate([*stays, *[12] * 10]):
        enrolled = local_instant(FIRST_DAY, load_columns(0)["_loaded_at"].time(), "UTC")
        events = ["enrolled", *["renewed"] * terms, *["left"] * (terms < 12)]
        for term, kind in enumerate(events):
            rows.append(
                {
                    **dict.fromkeys(columns),
                    "membership_event_id": f"years-{member}-{term}",
                    "customer_id": f"years-{member}",
                    "program_id": "years",
                    "event_type": kind,
                    "occurred_at": enrolled + timedelta(days=10 * term, hours=member),
                    "fee_amount": None if kind == "left" else "5",
                    **load_columns(len(rows)),
                }
            )
    return rows
