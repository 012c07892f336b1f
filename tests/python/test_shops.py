"""The random shops hold what they are there for, and the reference agrees with itself.

No build: a comparison says nothing of a case that never occurs. The shops are those with which
test_properties begins.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest

from reference import Expected, Settings, expect
from reference.judge import Judged, judge, orders_with_refund_rows
from reference.money import EXACT, Rates
from reference.raw import COLUMNS, local_date
from scenarios import SCENARIOS
from shops import RawZone, raw_zone

Row = dict[str, Any]

NEW_TABLES = ("refunds", "order_items", "customer_aliases", "exchange_rates")
RULES = ("account", "alias", "inferred", "email", "shared_email", "guest")
REASONS = {
    "orders": {
        "missing_exchange_rate",
        "refund_exceeds_order",
        "discount_exceeds_subtotal",
        "negative_amount",
        "ordered_in_future",
        "unknown_status",
    },
    "refunds": {"negative_amount", "unknown_order", "refund_exceeds_order"},
    "order_items": {
        "non_positive_quantity",
        "negative_amount",
        "discount_exceeds_subtotal",
        "unknown_order",
    },
    "customer_aliases": {"alias_cycle"},
    "exchange_rates": {"negative_amount"},
}
UNREADABLE = {
    "refunds": ["refunded_at", "refund_amount"],
    "order_items": ["line_number", "quantity", "unit_price", "unit_cost"],
    "exchange_rates": ["rate_date", "rate_to_reporting"],
}
SALES_STEPS = (
    "raw_gross_sales",
    "superseded",
    "quarantined",
    "after_as_of",
    "test",
    "cancelled",
    "not_counted",
    "discounts",
    "returns",
    "net_sales_all",
)


def _scenario(name: str) -> tuple[RawZone, Settings]:
    settings = Settings.from_vars(SCENARIOS[name])
    return raw_zone(f"{name} 0", settings), settings


def _is_tie(amount: Decimal, rate: Decimal) -> bool:
    """Does the product lie exactly between two amounts of four places?"""
    return EXACT.multiply(amount, rate) * 10**4 % 1 == Decimal("0.5")


def _reasons(judged: dict[str, Judged]) -> Counter[str]:
    found: Counter[str] = Counter()
    for table, result in judged.items():
        found.update(f"{table}: {word}" for words in result.reasons for word in words.split(","))
        found[f"{table}: superseded"] += len(result.superseded)
    return found


def _money_cases(judged: dict[str, Judged], expected: Expected, settings: Settings) -> Counter[str]:
    """Orders in other currencies."""
    found: Counter[str] = Counter()
    rates = Rates.of(judged["exchange_rates"].accepted, settings.reporting_currency)
    for order in judged["orders"].accepted:
        if order["currency"] == settings.reporting_currency:
            continue
        day = local_date(order["ordered_at"], settings.reporting_timezone)
        rate = rates.on(day, order["currency"])
        found["order in another currency"] += 1
        found["rate of an earlier day"] += day not in rates.by_currency[order["currency"]]
        found["tie at the fifth decimal"] += _is_tie(order["subtotal_amount"], rate)
        found["rate of the local day, not of UTC's"] += rate != rates.on(
            order["ordered_at"].date(), order["currency"]
        )
    orders = {row["order_id"]: row for row in judged["orders"].accepted}
    for row in expected.tables["fct_orders"]:
        is_from_lines = orders[row["order_id"]]["cost_amount"] is None
        found["cost of the lines"] += is_from_lines and row["cost"] is not None
    lines: defaultdict[str, list[bool]] = defaultdict(list)
    for row in expected.tables["fct_order_items"]:
        lines[row["order_id"]].append(row["cost"] is not None)
    found["cost of some lines only"] += sum(any(known) > all(known) for known in lines.values())
    found["lines that do not fit"] += len(expected.tables["rpt_item_order_gaps"])
    found["lines that fit"] += len(lines) - len(expected.tables["rpt_item_order_gaps"])
    return found


def _refund_cases(
    zone: RawZone, judged: dict[str, Judged], expected: Expected, settings: Settings
) -> Counter[str]:
    found: Counter[str] = Counter()
    orders = {row["order_id"]: row for row in expected.tables["fct_orders"]}
    refunds_of: defaultdict[str, list[Row]] = defaultdict(list)
    for row in expected.tables["fct_refunds"]:
        refunds_of[row["order_id"]].append(row)
    for order_id, refunds in refunds_of.items():
        order = orders[order_id]
        found["several refunds of an order"] += len(refunds) > 1
        found["refund in part"] += 0 < order["returns"] < order["gross_sales"] - order["discounts"]
        found["refund in full"] += 0 < order["returns"] == order["gross_sales"] - order["discounts"]
        for refund in refunds:
            found["refund before its order"] += refund["refund_date"] < order["order_date"]
            found["refund in a later month"] += (
                refund["posted_date"].replace(day=1) > order["order_date"].replace(day=1)
            )
            found["counted refund after as_of"] += (
                order["is_counted"]
                and order["order_date"] <= expected.as_of_date < refund["refund_date"]
            )
    named = orders_with_refund_rows(zone.tables, settings)
    for order in judged["orders"].accepted:
        if order["order_id"] not in named:
            found["own refund, no refund rows"] += order["refunded_amount"] > 0
            continue
        limit = order["subtotal_amount"] - order["discount_amount"]
        found["own refund and refund rows"] += order["refunded_amount"] > 0
        found["own refund too large, refund rows"] += order["refunded_amount"] > limit
        found["refund rows, none accepted"] += order["order_id"] not in refunds_of
    return found


def _identity_cases(judged: dict[str, Judged], expected: Expected) -> Counter[str]:
    found: Counter[str] = Counter()
    rules = {row["source_customer_id"]: row for row in expected.tables["rpt_identity_resolution"]}
    for row in rules.values():
        found[f"rule {row['rule']}"] += 1
        found[f"rule {row['rule']} of an order"] += row["orders"] > 0
    alias_rows = judged["customer_aliases"].accepted
    aliases = {row["alias_customer_id"]: row["customer_id"] for row in alias_rows}
    accounts = {row["customer_id"]: row for row in judged["customers"].accepted}
    found["chain of aliases"] += sum(end in aliases for end in aliases.values())
    found["alias of nobody in customers"] += sum(end not in accounts for end in aliases.values())
    found["alias of a customer with a row"] += sum(alias in accounts for alias in aliases)
    own_flags = {row["order_id"]: row["is_test"] for row in judged["orders"].accepted}
    emails = {row["order_id"]: row["email"] for row in judged["orders"].accepted}
    for row in expected.tables["fct_orders"]:
        source, customer = row["source_customer_id"], row["customer_id"]
        if row["is_test"] and not own_flags[row["order_id"]]:
            is_by_customer = customer in accounts and accounts[customer]["is_test"]
            came = "e-mail" if source is None else "alias" if source != customer else "account"
            found[f"test by {came}"] += is_by_customer
            found["test by an account that was merged away"] += not is_by_customer
        found["neither id nor e-mail"] += customer is None
        email = emails[row["order_id"]]
        found["e-mail in odd case"] += source is None and email is not None and not email.islower()
    merged = {row["customer_id"] for row in rules.values() if row["rule"] == "email"}
    found["e-mail of a merged account"] += len(merged & set(aliases.values()))
    for entry in expected.tables["fct_loyalty_transactions"]:
        found["points of a merged account"] += entry["customer_id"] != entry["source_customer_id"]
    return found


def _cases(name: str) -> Counter[str]:
    zone, settings = _scenario(name)
    judged, expected = judge(zone.tables, settings), expect(zone.tables, settings)
    steps: Counter[str] = Counter()
    for row in expected.tables["rpt_sales_bridge"]:
        steps[f"step {row['step']}"] += row["amount"] != 0
        steps["step without a period"] += row["period_start"] is None and row["amount"] != 0
    for row in expected.tables["rpt_customer_bridge"]:
        steps[f"step {row['step']}"] += row["customers"] != 0
    return (
        _reasons(judged)
        + _money_cases(judged, expected, settings)
        + _refund_cases(zone, judged, expected, settings)
        + _identity_cases(judged, expected)
        + steps
    )


def _wanted() -> list[str]:
    """Every case, by the names that the functions above count it under."""
    reasons = [f"{table}: {reason}" for table, words in REASONS.items() for reason in words]
    for table in NEW_TABLES:
        required = [name for name, column in COLUMNS[table].items() if column.required]
        reasons += [f"{table}: missing_{name}" for name in required]
        reasons += [f"{table}: unparseable_{name}" for name in UNREADABLE.get(table, [])]
        reasons.append(f"{table}: superseded")
    identities = [f"rule {rule}" for rule in RULES] + [f"rule {rule} of an order" for rule in RULES]
    return [
        *reasons,
        *identities,
        *(f"step {step}" for step in SALES_STEPS),
        "step without a period",
        "step returning_with_one_order",
        "step new_with_several_orders",
        "order in another currency",
        "rate of an earlier day",
        "tie at the fifth decimal",
        "rate of the local day, not of UTC's",
        "cost of the lines",
        "cost of some lines only",
        "lines that do not fit",
        "lines that fit",
        "several refunds of an order",
        "refund in part",
        "refund in full",
        "refund before its order",
        "refund in a later month",
        "counted refund after as_of",
        "own refund, no refund rows",
        "own refund and refund rows",
        "own refund too large, refund rows",
        "refund rows, none accepted",
        "chain of aliases",
        "alias of nobody in customers",
        "alias of a customer with a row",
        "test by account",
        "test by alias",
        "test by e-mail",
        "test by an account that was merged away",
        "neither id nor e-mail",
        "e-mail in odd case",
        "e-mail of a merged account",
        "points of a merged account",
    ]


def test_every_awkward_case_occurs() -> None:
    found = sum((_cases(name) for name in SCENARIOS), Counter())
    missing = [case for case in _wanted() if not found[case]]
    assert not missing, f"no shop has: {missing}"


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_reference_adds_up(name: str) -> None:
    zone, settings = _scenario(name)
    expected = expect(zone.tables, settings)
    for row in expected.tables["rpt_load_reconciliation"]:
        parts = ("accepted_rows", "superseded_rows", "quarantined_rows")
        assert row["raw_rows"] == sum(row[part] for part in parts), row
    returns: Counter[tuple] = Counter()
    net_sales_all: dict[tuple, Decimal] = {}
    for row in expected.tables["rpt_retention_by_period"]:
        key = row["period_grain"], row["segment_type"], row["segment"]
        returns[key] += row["returns"] - row["returns_posted"]
        if row["segment_type"] == "all":
            net_sales_all[row["period_grain"], row["period_start"]] = row["net_sales_all"]
    assert not any(returns.values()), "returns are not posted once each"

    bridges: defaultdict[tuple, list[Row]] = defaultdict(list)
    for row in expected.tables["rpt_sales_bridge"]:
        bridges[row["period_grain"], row["period_start"]].append(row)
    for period, steps in bridges.items():
        for column in ("orders", "amount"):
            assert sum(step[column] for step in steps[:-1]) == steps[-1][column], (period, column)
        assert steps[-1]["amount"] == net_sales_all.get(period, 0), period
