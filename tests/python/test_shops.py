"""The random shops hold what they are there for, and the reference agrees with itself.

No build: a comparison says nothing of a case that never occurs. The shops are those with which
test_properties begins.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from reference import Expected, Settings, expect
from reference.churn_methods import METHODS, back_test_days, customers_on, interval_threshold
from reference.enrolment import members_of
from reference.judge import Judged, judge, orders_with_refund_rows
from reference.money import EXACT, Rates
from reference.lifecycle import STATES, state_on
from reference.orders import Sale, counted_sales, sales_by_customer
from reference.periods import ONE_DAY
from reference.raw import COLUMNS, local_date
from reference.statistics import wilson_interval
from reference.windows import WINDOWS, order_days
from scenarios import SCENARIOS, WHOLE
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


@cache
def _scenario(name: str) -> tuple[RawZone, Settings, Expected]:
    settings = Settings.from_vars(SCENARIOS[name])
    zone = raw_zone(f"{name} 0", settings, is_whole=name in WHOLE)
    return zone, settings, expect(zone.tables, settings)


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


def _histories(expected: Expected) -> dict[str, list[Sale]]:
    """The counted orders of each customer up to as_of."""
    sales = counted_sales(expected.tables["fct_orders"])
    return sales_by_customer(sale for sale in sales if sale.order_date <= expected.as_of_date)


def _order_day_cases(expected: Expected, settings: Settings) -> Counter[str]:
    """Orders on the days on which something changes."""
    found: Counter[str] = Counter()
    as_of = expected.as_of_date
    churn_day = settings.churn_after_days + 1
    at_risk_day = min(settings.at_risk_after_days, settings.churn_after_days) + 1
    for history in _histories(expected).values():
        days = order_days(history)
        first = days[0]
        dates = [sale.order_date for sale in history]
        found["second order on the day of the first"] += dates[1:2] == [first]
        for previous, day in pairwise(days):
            gap = (day - previous).days
            found["order on the day of churn"] += gap == churn_day
            found["order on the day before churn"] += gap == churn_day - 1
            found["order on the day after churn"] += gap == churn_day + 1
            found["order on the first day at risk"] += gap == at_risk_day < churn_day
            found["order on the last day before risk"] += gap == at_risk_day - 1 < churn_day - 1
        for window in WINDOWS:
            end = first + timedelta(days=window)
            found[f"window of {window} days ends on as_of"] += end == as_of
            found["window ends the day after as_of"] += end == as_of + ONE_DAY
            if end <= as_of and len(days) > 1:
                found[f"second order at the end of {window} days"] += days[1] == end
                found["second order the day after a window"] += days[1] == end + ONE_DAY
        for width in settings.rolling_bucket_days:
            age = (as_of - first).days
            found["bucket ends on as_of"] += age > 0 and age % width == 0
            found["bucket ends the day after as_of"] += (age + 1) % width == 0
            for day in days[1:]:
                place = (day - first).days % width
                found["order on the first day of a bucket"] += place == 0
                found["order on the last day of a bucket"] += place == width - 1
    return found


def _report_cases(expected: Expected, settings: Settings) -> Counter[str]:
    """What the reports of the lifecycle show."""
    found: Counter[str] = Counter()
    for row in expected.tables["rpt_lifecycle_transitions"]:
        found[f"from {row['from_state']} to {row['to_state']}"] += row["customers"]
    for row in expected.tables["rpt_growth_accounting"]:
        found["period without orders"] += not row["active"]
        found["nobody after somebody"] += not row["active"] and row["lost"] > 0
        found["expansion"] += row["expansion_net_sales"] > 0
        found["contraction"] += row["contraction_net_sales"] > 0
        is_changed = row["expansion_net_sales"] or row["contraction_net_sales"]
        found["retained without a change"] += row["retained_net_sales"] > 0 and not is_changed
    for row in expected.tables["rpt_repurchase_windows"]:
        found["window over for nobody"] += not row["eligible_customers"]
        found["window over for some"] += 0 < row["eligible_customers"] < row["cohort_customers"]
        found["bought twice, on one day"] += (
            row["repurchased_customers"] > row["repurchased_customers_distinct_days"]
        )
    for table in ("rpt_repurchase_windows", "rpt_order_ladder", "rpt_rolling_retention"):
        for row in expected.tables[table]:
            found[f"{table}: sparse {row['is_sparse']}"] += 1
    return found


def _enrolment_cases(expected: Expected) -> Counter[str]:
    found: Counter[str] = Counter()
    as_of, histories = expected.as_of_date, _histories(expected)
    ledger = expected.tables["fct_loyalty_transactions"]
    sales = [sale for history in histories.values() for sale in history]
    members = members_of(ledger, sales, as_of)
    for member in members:
        days = order_days(histories.get(member.customer_id, []))
        found["member without an order"] += not days
        found["enrolled before the first order"] += bool(days) and member.enrolled_on < days[0]
        found["enrolled after the last order"] += bool(days) and days[-1] < member.enrolled_on
        found["order on the day of enrolment"] += member.enrolled_on in days
        found["ordered before and after enrolment"] += (
            bool(days) and days[0] < member.enrolled_on < days[-1]
        )
        found["order in the month of enrolment, before it"] += any(
            day < member.enrolled_on and day.replace(day=1) == member.enrolled_on.replace(day=1)
            for day in days
        )
    later = {row["customer_id"] for row in ledger if row["occurred_date"] > as_of}
    found["enrolled after as_of"] += len(later - {member.customer_id for member in members})
    return found


def _churn_method_cases(expected: Expected, settings: Settings) -> Counter[str]:
    found: Counter[str] = Counter()
    sales = [sale for history in _histories(expected).values() for sale in history]
    window = timedelta(days=settings.churn_after_days)
    for day in back_test_days(sales, expected.as_of_date, settings):
        found["outcome known on as_of"] += day + window == expected.as_of_date
        order_dates = Counter(sale.order_date for sale in sales)
        found["order on the last day of the outcome"] += order_dates[day + window]
        found["order on the day after the outcome"] += order_dates[day + window + ONE_DAY]
        found["order on the day of the test"] += order_dates[day]
        found["order on the day after the test"] += order_dates[day + ONE_DAY]
        customers = customers_on(day, sales, settings)
        channels: Counter[str] = Counter()
        for customer in customers:
            channels[customer.channel] += len(customer.intervals)
        for customer in customers:
            threshold, source = interval_threshold(customer, customers, settings)
            found[f"threshold of {source}"] += 1
            found["threshold of window as it is"] += (
                source == "window" and threshold == settings.churn_after_days
            )
            intervals = channels[customer.channel]
            found[f"{intervals} intervals in the channel, {source}"] += 1
            found["threshold at the floor"] += threshold == settings.churn_interval_floor_days
            found["threshold at the ceiling"] += threshold == settings.churn_interval_ceiling_days
            found[f"{len(customer.intervals)} intervals of their own"] += 1
        for method, predict in METHODS.items():
            for customer, prediction in zip(customers, predict(customers, settings), strict=True):
                word = "churned" if prediction.is_churned else "not churned"
                found[f"{method} says {word}, {customer.has_churned}"] += 1
                found[f"{method} says at risk"] += prediction.is_at_risk
                found[f"{method}: idle for exactly the threshold"] += (
                    customer.idle == prediction.threshold
                )
    return found


def _cases(name: str) -> Counter[str]:
    zone, settings, expected = _scenario(name)
    judged = judge(zone.tables, settings)
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
        + _order_day_cases(expected, settings)
        + _report_cases(expected, settings)
        + _enrolment_cases(expected)
        + _churn_method_cases(expected, settings)
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
        *_wanted_of_histories(),
    ]


def _wanted_of_histories() -> list[str]:
    """The cases of the reports on lifecycle, windows, enrolment and churn methods."""
    tables = ("rpt_repurchase_windows", "rpt_order_ladder", "rpt_rolling_retention")
    ways = [(before, now) for before in STATES for now in STATES if now != "new"]
    return [
        "second order on the day of the first",
        "order on the day before churn",
        "order on the day of churn",
        "order on the day after churn",
        "order on the first day at risk",
        "order on the last day before risk",
        *(f"window of {window} days ends on as_of" for window in WINDOWS),
        "window ends the day after as_of",
        *(f"second order at the end of {window} days" for window in WINDOWS),
        "second order the day after a window",
        "bucket ends on as_of",
        "bucket ends the day after as_of",
        "order on the first day of a bucket",
        "order on the last day of a bucket",
        "from new to new",
        *(f"from none to {state}" for state in STATES),
        *(f"from {before} to {now}" for before, now in ways),
        "period without orders",
        "nobody after somebody",
        "expansion",
        "contraction",
        "retained without a change",
        "window over for nobody",
        "window over for some",
        "bought twice, on one day",
        *(f"{table}: sparse {is_sparse}" for table in tables for is_sparse in (True, False)),
        "member without an order",
        "enrolled before the first order",
        "enrolled after the last order",
        "enrolled after as_of",
        "order on the day of enrolment",
        "ordered before and after enrolment",
        "order in the month of enrolment, before it",
        "outcome known on as_of",
        "order on the day of the test",
        "order on the day after the test",
        "order on the last day of the outcome",
        "order on the day after the outcome",
        *(f"threshold of {source}" for source in ("own", "channel", "shop", "window")),
        "threshold of window as it is",
        "29 intervals in the channel, shop",
        "30 intervals in the channel, channel",
        "threshold at the floor",
        "threshold at the ceiling",
        *(f"{number} intervals of their own" for number in range(5)),
        *(f"{method} says at risk" for method in METHODS),
        *(f"{method}: idle for exactly the threshold" for method in METHODS),
        *(
            f"{method} says {word}, {outcome}"
            for method in METHODS
            for word in ("churned", "not churned")
            for outcome in (True, False)
        ),
    ]


def test_every_awkward_case_occurs() -> None:
    found = sum((_cases(name) for name in SCENARIOS), Counter())
    missing = [case for case in _wanted() if not found[case]]
    assert not missing, f"no shop has: {missing}"


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_reference_adds_up(name: str) -> None:
    _, _, expected = _scenario(name)
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


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0000),
    ],
)
def test_wilson_intervals_are_the_published_ones(
    successes: int, trials: int, lower: float, upper: float
) -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3; the last by scipy."""
    assert wilson_interval(successes, trials) == pytest.approx((lower, upper), abs=5e-5)


def test_no_trials_have_no_interval() -> None:
    assert wilson_interval(0, 0) == (None, None)


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_day_has_one_state(name: str) -> None:
    """From the first order on the stretches follow each other without a gap, and for ever."""
    _, settings, expected = _scenario(name)
    stretches: defaultdict[str, list[Row]] = defaultdict(list)
    for row in expected.tables["fct_customer_lifecycle"]:
        stretches[row["customer_id"]].append(row)
    histories = sales_by_customer(counted_sales(expected.tables["fct_orders"]))
    assert stretches.keys() == histories.keys()
    for customer_id, rows in stretches.items():
        rows.sort(key=lambda row: row["valid_from"])
        days = order_days(histories[customer_id])
        assert rows[0]["valid_from"] == days[0]
        assert (rows[-1]["state"], rows[-1]["valid_to"]) == ("churned", None)
        for row, following in pairwise(rows):
            assert row["valid_from"] < row["valid_to"] == following["valid_from"]
        for row in rows:
            # What as_of a day inside says is what the stretch says: later orders change nothing.
            so_far = [day for day in days if day <= row["valid_from"]]
            last_day = (row["valid_to"] or row["valid_from"] + ONE_DAY) - ONE_DAY
            for day in (row["valid_from"], last_day):
                assert state_on(day, so_far, settings) == (row["state"], row["order_date"])


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_states_add_up(name: str) -> None:
    _, _, expected = _scenario(name)
    key = ("period_grain", "period_start", "segment_type", "segment")
    customers: Counter[tuple] = Counter()
    net_sales: defaultdict[tuple, Decimal] = defaultdict(Decimal)
    of_all: Counter[tuple] = Counter()
    for row in expected.tables["rpt_lifecycle_by_period"]:
        part = tuple(row[name] for name in key)
        customers[part] += row["customers"]
        net_sales[part] += row["net_sales"]
        if row["segment_type"] == "all":
            of_all[row["period_grain"], row["period_start"], row["state"]] += row["customers"]
    for row in expected.tables["rpt_retention_by_period"]:
        part = tuple(row[name] for name in key)
        assert customers[part] == row["customers_to_date"], part
        assert net_sales[part] == row["net_sales"], part
    assert len(customers) <= len(expected.tables["rpt_retention_by_period"])

    # Whoever comes out of one period's transitions goes into those of the next.
    into: Counter[tuple] = Counter()
    out_of: Counter[tuple] = Counter()
    after: dict[tuple[str, date], date] = {}
    for row in expected.tables["rpt_lifecycle_transitions"]:
        into[row["period_grain"], row["period_start"], row["to_state"]] += row["customers"]
        out_of[row["period_grain"], row["period_start"], row["from_state"]] += row["customers"]
        after[row["period_grain"], row["period_start"]] = row["period_end"] + ONE_DAY
    assert +into == +of_all
    for (grain, start, state), count in into.items():
        if (grain, after[grain, start]) in after:
            assert out_of[grain, after[grain, start], state] == count


@pytest.mark.parametrize("name", SCENARIOS)
def test_growth_is_accounted_for(name: str) -> None:
    _, _, expected = _scenario(name)
    key = ("period_grain", "period_start", "segment_type", "segment")
    growth = {
        tuple(row[name] for name in key): row for row in expected.tables["rpt_growth_accounting"]
    }
    ends: dict[tuple, Decimal] = {}
    for row in expected.tables["rpt_retention_by_period"]:
        part = tuple(row[name] for name in key)
        account = growth.pop(part)
        for column in ("active", "previous_active", "new", "retained", "resurrected", "lost"):
            assert account[column] == row[f"{column}_customers"], (part, column)
        assert account["net_sales"] == row["net_sales"]
        ends[(row["period_grain"], row["period_end"] + ONE_DAY, *part[2:])] = row["net_sales"]
        assert account["previous_net_sales"] == ends.get(part, 0)
        came = ("new", "retained", "resurrected")
        assert account["active"] == sum(account[name] for name in came)
        assert account["previous_active"] == account["retained"] + account["lost"]
        gained = ("new", "resurrected", "retained", "expansion")
        assert account["net_sales"] == sum(account[f"{name}_net_sales"] for name in gained)
        kept_or_lost = ("retained", "contraction", "lost")
        assert account["previous_net_sales"] == sum(
            account[f"{name}_net_sales"] for name in kept_or_lost
        )
    assert not growth
