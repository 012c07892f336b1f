"""The reference of the loyalty marts against published examples, and against itself.

No build: what it says of the random shops is compared with a build in test_properties.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from reference import Expected, Settings, expect
from reference.sbg import fit_shifted_beta_geometric
from scenarios import SCENARIOS, WHOLE
from shops import raw_zone

Row = dict[str, Any]


@cache
def _scenario(name: str, number: int = 0) -> tuple[Settings, Expected]:
    settings = Settings.from_vars(SCENARIOS[name])
    zone = raw_zone(f"{name} {number}", settings, is_whole=name in WHOLE)
    return settings, expect(zone.tables, settings)


# ---------------------------------------------------------------- published examples


def _entry(number: int, day: str, kind: str, points: str, **cells: Any) -> Row:
    return {
        "loyalty_transaction_id": f"t{number}",
        "customer_id": "c",
        "transaction_type": kind,
        "points": points,
        "occurred_at": f"{day} 10:00:00",
        "program_id": "club",
        **cells,
    }


def _years(entries: list[Row], estimates: dict[str, str]) -> list[Row]:
    """IFRS 15 IE267: sales of 100,000 earn 10,000 points worth 1 each."""
    raw = {
        "orders": [
            {
                "order_id": "o",
                "customer_id": "c",
                "ordered_at": "2021-01-01 10:00:00",
                "subtotal_amount": "100000",
            }
        ],
        "loyalty_programs": [{"program_id": "club", "point_value": "1"}],
        "loyalty_transactions": [
            _entry(1, "2021-01-01", "earn", "10000", order_id="o"),
            *entries,
        ],
        "redemption_estimates": [
            {"program_id": "club", "effective_from": day, "expected_redemption_rate": rate}
            for day, rate in estimates.items()
        ],
    }
    settings = Settings(as_of_date=date(2022, 12, 31), period_grains=("year",))
    return expect(raw, settings).tables["rpt_points_liability"]


REDEEMED = [
    _entry(2, "2021-12-31", "redeem", "4500"),
    _entry(3, "2022-06-30", "redeem", "4000"),
]
RATES = {"2021-01-01": "0.95", "2022-01-01": "0.97"}


@pytest.mark.parametrize(
    ("estimates", "recognised", "deferred"),
    [
        (RATES, [4110, 3493], [4566, 1073]),
        # No re-estimate: 4,000 more of the 9,500.
        ({"2021-01-01": "0.95"}, [4110, 3653], [4566, 913]),
    ],
)
def test_points_of_ifrs_15(
    estimates: dict[str, str], recognised: list[int], deferred: list[int]
) -> None:
    rows = _years(REDEEMED, estimates)
    assert round(rows[0]["deferred_at_issue"]) == 8676
    assert [round(row["revenue_recognised"]) for row in rows] == recognised
    assert [round(row["deferred_revenue"]) for row in rows] == deferred


def test_all_is_recognised_where_nothing_is_left() -> None:
    lapsed = _entry(4, "2022-12-30", "expire", "1500")
    rows = _years([*REDEEMED, lapsed], RATES)
    assert rows[1]["deferred_revenue"] == 0
    assert round(sum(row["revenue_recognised"] for row in rows)) == 8676


@pytest.mark.parametrize(
    ("stayed", "alpha", "beta"),
    [
        ([869, 743, 653, 593, 551, 517, 491], 0.668, 3.806),
        ([631, 468, 382, 326, 289, 262, 241], 0.704, 1.182),
    ],
)
def test_renewals_of_fader_and_hardie(stayed: list[int], alpha: float, beta: float) -> None:
    counts = [(before, before - now) for before, now in zip([1000, *stayed], stayed, strict=False)]
    fit = fit_shifted_beta_geometric(counts)
    assert (fit.alpha, fit.beta) == pytest.approx((alpha, beta), abs=5e-4)


@pytest.mark.parametrize(
    "counts",
    [
        [],
        [(10, 3)],
        [(10, 0), (10, 0)],
        [(10, 10)],
        # Ever more of them leave: the likelier the more alike they are.
        [(100, 10), (90, 20), (70, 40)],
        # Who stayed once stays for ever: the likelier the less alike they are.
        [(100, 50), (50, 0), (50, 0)],
    ],
)
def test_no_distribution(counts: list[tuple[int, int]]) -> None:
    assert fit_shifted_beta_geometric(counts).exists is False


# ---------------------------------------------------------------- lots, by hand


def _lots(entries: list[Row], as_of: date = date(2024, 12, 31), **programs: Any) -> dict[str, Row]:
    raw = {
        "orders": [],
        "loyalty_programs": [{"program_id": "club", **programs}],
        "loyalty_transactions": entries,
    }
    rows = expect(raw, Settings(as_of_date=as_of)).tables["fct_point_lots"]
    names = ("redeemed", "expired", "cancelled", "remaining")
    return {
        row["loyalty_transaction_id"]: tuple(int(row[f"points_{name}"]) for name in names)
        for row in rows
    }


def test_spending_takes_what_expires_first() -> None:
    entries = [
        _entry(1, "2024-01-01", "earn", "10"),
        _entry(2, "2024-01-02", "earn", "10", expires_at="2024-06-01"),
        _entry(3, "2024-01-03", "earn", "10", expires_at="2024-05-01"),
        _entry(4, "2024-01-04", "redeem", "15"),
    ]
    assert _lots(entries) == {"t1": (0, 0, 0, 10), "t2": (5, 5, 0, 0), "t3": (10, 0, 0, 0)}


def test_pending_points_are_spent_last() -> None:
    entries = [
        _entry(1, "2024-01-01", "earn", "10", available_at="2024-02-01", expires_at="2024-03-01"),
        _entry(2, "2024-01-02", "earn", "10"),
        _entry(3, "2024-01-03", "redeem", "12"),
    ]
    assert _lots(entries) == {"t1": (2, 8, 0, 0), "t2": (10, 0, 0, 0)}


def test_a_cancellation_takes_back_what_its_order_earned_and_is_unspent() -> None:
    entries = [
        _entry(1, "2024-01-01", "earn", "10", order_id="a"),
        _entry(2, "2024-01-02", "earn", "10", order_id="b"),
        _entry(3, "2024-01-03", "redeem", "4"),
        _entry(4, "2024-01-04", "cancel_earn", "10", order_id="a"),
    ]
    assert _lots(entries) == {"t1": (4, 0, 6, 0), "t2": (4, 0, 0, 6)}


def test_what_lapsed_is_not_spent_and_what_nothing_covers_is_not_repaid() -> None:
    entries = [
        _entry(1, "2024-02-29", "earn", "10"),
        _entry(2, "2024-03-10", "redeem", "5"),
        _entry(3, "2024-03-11", "earn", "10"),
    ]
    lots = _lots(entries, points_expire_after_days="10")
    assert lots == {"t1": (0, 10, 0, 0), "t3": (0, 10, 0, 0)}


def test_posted_expiry_is_not_computed() -> None:
    entries = [
        _entry(1, "2024-01-01", "earn", "10", expires_at="2024-02-01"),
        _entry(2, "2024-03-01", "expire", "4"),
    ]
    assert _lots(entries) == {"t1": (0, 4, 0, 6)}


# ---------------------------------------------------------------- the random shops


@pytest.mark.parametrize("name", SCENARIOS)
def test_lots_come_to_the_balance_on_every_day(name: str) -> None:
    """Remaining = balance + pending + uncovered, on the last day up to as_of; of members, as of it, too."""
    _, expected = _scenario(name)
    remaining: defaultdict[tuple, Decimal] = defaultdict(Decimal)
    for row in expected.tables["fct_point_lots"]:
        parts = ("redeemed", "expired", "cancelled", "remaining")
        amounts = [row[f"points_{part}"] for part in parts]
        assert min(amounts) >= 0 and sum(amounts) == row["points_earned"]
    last: dict[tuple, Row] = {}
    for row in expected.tables["fct_points_balances"]:
        key = row["customer_id"], row["program_id"]
        last[key] = max(row, last.get(key, row), key=lambda one: one["balance_date"])
    for row in expected.tables["rpt_points_vintages"]:
        month = expected.as_of_date.replace(day=1)
        ages = 12 * (month.year - row["vintage_month"].year) + month.month
        if row["age_months"] == ages - row["vintage_month"].month:
            remaining[row["program_id"]] += row["points_outstanding"]
    balances: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (_, program_id), row in last.items():
        balances[program_id] += row["points_balance"] + row["points_pending"] + row["points_uncovered"]
    assert {k: v for k, v in balances.items() if v} == {k: v for k, v in remaining.items() if v}
    for row in expected.tables["dim_loyalty_members"]:
        of_the_day = last.get((row["customer_id"], row["program_id"]), defaultdict(Decimal))
        for name in ("points_balance", "points_pending", "points_uncovered"):
            assert row[name] == of_the_day[name]


@pytest.mark.parametrize("name", SCENARIOS)
def test_points_and_members_of_periods_add_up(name: str) -> None:
    _, expected = _scenario(name)
    cumulated: defaultdict[tuple, Decimal] = defaultdict(Decimal)
    ends: dict[tuple, int] = {}
    liability = {
        (row["period_grain"], row["period_start"], row["program_id"]): row
        for row in expected.tables["rpt_points_liability"]
    }
    for row in expected.tables["rpt_loyalty_by_period"]:
        key = row["period_grain"], row["program_id"]
        for column, sign in {
            "issued": 1,
            "restored": 1,
            "adjusted": 1,
            "redeemed": -1,
            "expired": -1,
            "cancelled": -1,
        }.items():
            cumulated[key] += sign * row[f"points_{column}"]
        balance = row["points_outstanding"] + row["points_pending"]
        assert cumulated[key] == balance
        owed = liability[row["period_grain"], row["period_start"], row["program_id"]]
        assert owed["points_outstanding"] == balance + row["points_uncovered"]
        assert row["members_at_start"] == ends.get(key, 0)
        ends[key] = row["members_at_start"] + row["members_enrolled"] - row["members_left"]
        assert row["members_at_end"] == ends[key]


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_liability_rolls_forward(name: str) -> None:
    _, expected = _scenario(name)
    before: dict[tuple, float] = {}
    for row in expected.tables["rpt_points_liability"]:
        key = row["period_grain"], row["program_id"]
        moved = row["deferred_at_issue"] - row["deferred_reversed"] - row["revenue_recognised"]
        assert row["deferred_revenue"] == pytest.approx(before.get(key, 0) + moved, abs=1e-6)
        assert row["deferred_revenue"] >= -1e-9 and row["cost_accrual"] >= 0
        before[key] = row["deferred_revenue"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_tiers_follow_each_other(name: str) -> None:
    _, expected = _scenario(name)
    spans: defaultdict[tuple, list[Row]] = defaultdict(list)
    for row in expected.tables["fct_loyalty_tiers"]:
        spans[row["customer_id"], row["program_id"]].append(row)
    for rows in spans.values():
        rows.sort(key=lambda row: row["valid_from_at"])
        for row, following in zip(rows, rows[1:], strict=False):
            assert row["valid_from_at"] < row["valid_to_at"] <= following["valid_from_at"]
    members = Counter()
    for row in expected.tables["rpt_tier_migration"]:
        if row["to_tier"] != "none":
            members[row["period_grain"], row["period_start"], row["program_id"]] += row["members"]
    of_programs = {key[2] for key in members}
    for row in expected.tables["rpt_loyalty_by_period"]:
        if row["program_id"] in of_programs:
            key = row["period_grain"], row["period_start"], row["program_id"]
            assert members[key] == row["members_at_end"]


def _awkward_cases(settings: Settings, expected: Expected) -> Counter[str]:
    found: Counter[str] = Counter()
    as_of = expected.as_of_date
    for row in expected.tables["rpt_ledger_anomalies"]:
        found.update(row["anomalies"].split(","))
    for row in expected.tables["fct_point_lots"]:
        for way in ("redeemed", "expired", "cancelled", "remaining"):
            found[f"lot {way}"] += row[f"points_{way}"] > 0
        found["lot of a restore"] += row["transaction_type"] == "restore"
        found["lot of an adjustment"] += row["transaction_type"] == "adjust"
        found["lot after as_of"] += row["earned_date"] > as_of
        found["lot of several uses"] += row["points_redeemed"] > 0 and row["points_cancelled"] > 0
    moments = Counter(
        (row["customer_id"], row["program_id"], row["occurred_at"])
        for row in expected.tables["fct_loyalty_transactions"]
    )
    found["entries of one moment"] += sum(count > 1 for count in moments.values())
    for row in expected.tables["dim_loyalty_members"]:
        found["left"] += row["left_at"] is not None
        found["paid"] += row["fees_paid"] > 0
        found["expiring"] += row["points_expiring_30d"] > 0
        found["renewed"] += row["renewals"] > 0
    for row in expected.tables["dim_loyalty_programs"]:
        found[f"inferred {row['is_inferred']}"] += 1
    for row in expected.tables["rpt_points_vintages"]:
        found[f"rate of {row['estimate_source']}"] += 1
        rate = row["ultimate_redemption_rate"]
        found["chain between"] += row["estimate_source"] == "chain_ladder" and rate not in (None, 0, 1)
    for row in expected.tables["rpt_tier_migration"]:
        found[f"tier {row['movement']}"] += 1
        found["other tier"] += row["from_tier"] != row["to_tier"] and row["movement"] == "both_ends"
        found["unknown tier"] += "unknown" in (row["from_tier"], row["to_tier"])
    for row in expected.tables["rpt_tiers_by_period"]:
        found["orders in a tier"] += row["orders"]
    for row in expected.tables["rpt_points_liability"]:
        for name in ("deferred_reversed", "revenue_recognised", "cost_accrual"):
            found[name] += row[name] > 0
    for row in expected.tables["rpt_partner_settlement"]:
        found["partner"] += row["issued_value"] > 0
        found["partner's share of rewards"] += row["partner_reward_cost"] > 0
    for row in expected.tables["rpt_loyalty_by_period"]:
        found["reward without points"] += row["rewards_without_points"]
        found["discounts of a programme with fees"] += (
            row["fee_revenue"] > 0 and row["loyalty_discounts"] > 0
        )
    for row in expected.tables["rpt_membership_survival"]:
        found[f"tenure by {row['tenure_unit']}"] += 1
    for fit in expected.survival_fits.values():
        found[f"fit {fit.exists}"] += 1
    for table in ("loyalty_memberships", "redemption_estimates"):
        for row in expected.quarantine[table]:
            found.update(f"{table}: {reason}" for reason in row[-1].split(","))
    return found


WANTED = [
    *("redeems_more_than_balance", "expires_more_than_balance", "cancels_more_than_balance"),
    *("adjusts_below_zero", "spends_pending_points", "expires_before_due", "expiry_not_posted"),
    *("cancels_unknown_order", "posted_expiry_not_used"),
    *(f"lot {way}" for way in ("redeemed", "expired", "cancelled", "remaining")),
    *("lot of a restore", "lot of an adjustment", "lot after as_of", "lot of several uses"),
    "entries of one moment",
    *("left", "paid", "expiring", "renewed"),
    *("inferred True", "inferred False"),
    *(f"rate of {s}" for s in ("redemption_estimates", "program", "chain_ladder", "none")),
    "chain between",
    *("tier both_ends", "tier entered", "tier left", "other tier", "unknown tier"),
    *("orders in a tier", "deferred_reversed", "revenue_recognised", "cost_accrual"),
    *("partner", "partner's share of rewards", "reward without points"),
    "discounts of a programme with fees",
    *("tenure by renewal", "tenure by month", "fit True", "fit False"),
    *(
        f"loyalty_memberships: {reason}"
        for reason in (
            "unknown_event_type",
            "negative_amount",
            "missing_membership_event_id",
            "missing_customer_id",
            "missing_program_id",
            "missing_event_type",
            "missing_occurred_at",
            "unparseable_occurred_at",
            "unparseable_fee_amount",
        )
    ),
    *(
        f"redemption_estimates: {reason}"
        for reason in (
            "negative_amount",
            "missing_program_id",
            "missing_effective_from",
            "missing_expected_redemption_rate",
            "unparseable_expected_redemption_rate",
            "unparseable_effective_from",
        )
    ),
]


def test_every_awkward_case_occurs() -> None:
    found = sum(
        (_awkward_cases(*_scenario(name, number)) for name in SCENARIOS for number in (0, 1)),
        Counter(),
    )
    missing = [case for case in WANTED if not found[case]]
    assert not missing, f"no shop has: {missing}"
