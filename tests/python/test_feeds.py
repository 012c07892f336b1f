"""The feeds hold what they are there for: what changes from build to build, and through whom.

No build. The reference says what each raw zone comes to; a case is a change between two builds. The
feeds are some of the first of the proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import yaml

from feeds import TABLES, VAR_CHANGES, Feed, draw_feed, tell
from harness import REPOSITORY
from reference import Settings, expect, raw

Row = dict[str, Any]

# Between them they hold every case, most of them many times.
SEEDS = (58, 35, 42, 2)
FACTS = {
    "fct_orders": "order_id",
    "fct_refunds": "refund_id",
    "fct_order_items": ("order_id", "line_number"),
    "fct_loyalty_transactions": "loyalty_transaction_id",
    "dim_customers": "customer_id",
    "rpt_identity_resolution": "source_customer_id",
    "fct_point_lots": "loyalty_transaction_id",
    "dim_loyalty_programs": "program_id",
    "dim_loyalty_members": ("customer_id", "program_id"),
}
COLUMNS = {
    "fct_orders": [
        "customer_id",
        "order_date",
        "status",
        "is_counted",
        "is_test",
        "currency",
        "exchange_rate",
        "gross_sales",
        "returns",
        "cost",
        "product_category",
        "order_number",
    ],
    "fct_refunds": ["order_id", "posted_date", "refund_amount", "customer_id"],
    "fct_order_items": ["gross_sales", "cost"],
    "fct_loyalty_transactions": ["customer_id", "program_id", "points", "transaction_type"],
    "dim_customers": [
        "country_code",
        "acquisition_channel",
        "first_order_date",
        "last_order_date",
        "first_sales_channel",
        "first_product_category",
        "first_campaign_id",
        "is_inferred",
        "orders",
    ],
    "rpt_identity_resolution": ["customer_id", "rule"],
    "fct_point_lots": [
        "customer_id",
        "order_id",
        "expires_at",
        "points_earned",
        "points_redeemed",
        "points_expired",
        "points_cancelled",
    ],
    "dim_loyalty_programs": ["point_value", "points_expire_after_days", "is_inferred"],
    "dim_loyalty_members": [
        "enrolled_at",
        "left_at",
        "tier",
        "renewals",
        "fees_paid",
        "points_balance",
        "points_pending",
        "points_uncovered",
    ],
}
# What moves an order that has no new row itself.
FROM_OUTSIDE = ["customer_id", "is_test", "exchange_rate", "returns", "cost", "order_number"]
REASONS_OF_OTHERS = {
    "orders": ["missing_exchange_rate", "refund_exceeds_order", "unknown_status"],
    "refunds": ["unknown_order", "refund_exceeds_order", "negative_amount"],
    "order_items": ["unknown_order", "non_positive_quantity"],
    "customer_aliases": ["alias_cycle"],
    "loyalty_transactions": ["unknown_transaction_type"],
    "loyalty_programs": ["unknown_program_type"],
    "exchange_rates": ["negative_amount"],
    "loyalty_memberships": ["unknown_event_type", "negative_amount"],
    "redemption_estimates": ["negative_amount"],
}


def _by_key(rows: list[Row], key: str | tuple[str, ...]) -> dict[Any, Row]:
    names = (key,) if isinstance(key, str) else key
    return {tuple(row[name] for name in names): row for row in rows}


def _changes(table: str, before: Mapping[Any, Row], after: Mapping[Any, Row]) -> Counter[str]:
    found = Counter(
        {
            f"{table}: came": len(after.keys() - before.keys()),
            f"{table}: went": len(before.keys() - after.keys()),
        }
    )
    for key in before.keys() & after.keys():
        for name in COLUMNS[table]:
            found[f"{table}: other {name}"] += before[key][name] != after[key][name]
    return found


def _of_customers(before: Mapping[Any, Row], after: Mapping[Any, Row]) -> Counter[str]:
    found: Counter[str] = Counter()
    for key in before.keys() & after.keys():
        old, new = before[key]["first_order_date"], after[key]["first_order_date"]
        if old and new:
            found["first order earlier"] += new < old
            found["first order later or gone"] += new > old
        found["only order gone"] += bool(old and not new)
    return found


def _of_orders_without_new_rows(
    feed: Feed, step: int, before: Mapping[Any, Row], after: Mapping[Any, Row]
) -> Counter[str]:
    named = {
        str(arrival.row["order_id"]).strip()
        for story in feed.arrivals.values()
        for arrival in story
        if arrival.table == "orders"
        and (feed.plan.loads[arrival.load].step == step or arrival.gone_at_step == step)
    }
    found: Counter[str] = Counter()
    for key in before.keys() & after.keys():
        if key[0] not in named:
            for name in FROM_OUTSIDE:
                found[f"order without a new row: other {name}"] += (
                    before[key][name] != after[key][name]
                )
    found["order without a new row: came"] += sum(
        key[0] not in named for key in after.keys() - before.keys()
    )
    found["order without a new row: went"] += sum(
        key[0] not in named for key in before.keys() - after.keys()
    )
    return found


def _of_quarantine(
    before: Mapping[str, list[tuple]], after: Mapping[str, list[tuple]]
) -> Counter[str]:
    found: Counter[str] = Counter()
    for table, reasons in REASONS_OF_OTHERS.items():
        came = Counter(after[table]) - Counter(before[table])
        went = Counter(before[table]) - Counter(after[table])
        for reason in reasons:
            found[f"{table}: {reason} comes"] += sum(reason in row[-1] for row in came)
            # A rejected row stays where it is; only what other tables hold takes a reason away.
            found[f"{table}: {reason} goes"] += sum(reason in row[-1] for row in went)
    return found


def _of_loads(feed: Feed) -> Counter[str]:
    plan = feed.plan
    pairs = list(zip(plan.loads, plan.loads[1:], strict=False))
    with_loads = {load.step for load in plan.loads}
    columns = {name for (_, name), load in plan.first_load_of_column.items() if 0 < load < 100}
    bare = [names for names in plan.load_columns.values() if "_loaded_at" not in names]
    dates = [step.variables["as_of_date"] for step in plan.steps]
    return Counter(
        {
            "build without a new row": len(set(range(len(plan.steps))) - with_loads),
            "same stamp before and after a build": sum(
                one.loaded_at == other.loaded_at and one.step < other.step for one, other in pairs
            ),
            "several loads before a build": sum(one.step == other.step for one, other in pairs),
            "table later": sum(load > 0 for load in plan.first_load_of_table.values()),
            "column later": len(columns - {"note", "_loaded_at"}),
            "undeclared column later": "note" in columns,
            "_loaded_at later": "_loaded_at" in columns,
            "table without _loaded_at": len(bare),
            "table without load columns": sum(not names for names in bare),
            "rows that go": sum(
                arrival.gone_at_step is not None
                for story in feed.arrivals.values()
                for arrival in story
            ),
            "against the contract": len(plan.unruly_steps),
            "as_of goes on": sum(a < b for a, b in zip(dates, dates[1:], strict=False) if a and b),
            "as_of goes back": sum(a > b for a, b in zip(dates, dates[1:], strict=False) if a and b),
            "partial run": sum(step.part is not None for step in plan.steps),
            "full refresh": sum(step.is_full_refresh for step in plan.steps),
            "other vars": sum(
                {**one.variables, "as_of_date": ""} != {**other.variables, "as_of_date": ""}
                for one, other in zip(plan.steps, plan.steps[1:], strict=False)
            ),
        }
    )


def _found() -> Counter[str]:
    found: Counter[str] = Counter()
    for seed in SEEDS:
        feed = draw_feed(str(seed))
        found += _of_loads(feed)
        before = None
        for step, planned in enumerate(feed.plan.steps):
            rows = {table: [] for table in TABLES} | feed.rows(step)
            # Facts and dimensions are all that is looked at.
            settings = Settings.from_vars(planned.variables)
            after = expect(rows, replace(settings, period_grains=("year",), segments=()))
            if before:
                facts = {
                    table: [_by_key(built.tables[table], key) for built in (before, after)]
                    for table, key in FACTS.items()
                }
                for table, pair in facts.items():
                    found += _changes(table, *pair)
                found += _of_customers(*facts["dim_customers"])
                found += _of_orders_without_new_rows(feed, step, *facts["fct_orders"])
                found += _of_quarantine(before.quarantine, after.quarantine)
            before = after
    return found


def _wanted() -> list[str]:
    wanted = [f"{table}: {way}" for table in FACTS for way in ("came", "went")]
    wanted += [f"{table}: other {name}" for table, names in COLUMNS.items() for name in names]
    wanted += [f"order without a new row: other {name}" for name in FROM_OUTSIDE]
    wanted += [f"order without a new row: {way}" for way in ("came", "went")]
    wanted += [
        f"{table}: {reason} comes"
        for table, reasons in REASONS_OF_OTHERS.items()
        for reason in reasons
    ]
    return [
        *wanted,
        "orders: missing_exchange_rate goes",
        "orders: refund_exceeds_order goes",
        "refunds: unknown_order goes",
        "refunds: refund_exceeds_order goes",
        "order_items: unknown_order goes",
        "customer_aliases: alias_cycle goes",
        "first order earlier",
        "first order later or gone",
        "only order gone",
        *_of_loads(draw_feed("1")),
    ]


def test_every_change_occurs(monkeypatch: pytest.MonkeyPatch) -> None:
    ties = []

    def newest(rows: list[Row]) -> Row:
        """Whichever is listed first of versions that only the hash of the row tells apart."""
        age = [(row["updated_at"], row["_loaded_at"]) for row in rows]
        latest = max(age, key=lambda stamps: tuple(stamp or datetime.min for stamp in stamps))
        tied = [row for row in rows if (row["updated_at"], row["_loaded_at"]) == latest]
        ties.extend(tied[1:])
        return tied[0]

    monkeypatch.setattr(raw, "_newest", newest)
    found = _found()
    missing = [case for case in _wanted() if not found[case]]
    assert not missing, f"no feed has: {missing}"
    assert ties, "no two versions that only their hash tells apart"


def test_a_story_with_another_number_is_the_same_story() -> None:
    """Else a copy of a story would not show what the story shows, and nothing could be shrunk."""
    feed = draw_feed("1")
    for number in (3, 4):
        copy = tell(feed.plan, f"story {number}", number + 5)
        assert [(row.table, row.load, row.gone_at_step) for row in feed.arrivals[number]] == [
            (row.table, row.load, row.gone_at_step) for row in copy
        ]


def test_each_var_is_changed() -> None:
    project = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))
    changed = {name for changes in VAR_CHANGES for name in changes}
    assert changed == set(project["vars"]) - {"as_of_date"}
