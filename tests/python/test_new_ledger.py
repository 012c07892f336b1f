"""A points ledger that nobody configured anything for: one CSV file beside the orders.

Three words for what happens, many programmes, no table that declares any of them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from harness import Builder, write_csv
from reference import Settings, expect
from test_properties import assert_build_equals_reference

PROGRAMS = 30
WORDS = ["earn", "Earn", "earn ", "redeem", "redeem", "expire"]


def _ledger(random: Random) -> list[dict[str, Any]]:
    """Ids that are numbers, programmes of which only some let points expire."""
    rows = []
    for number in range(600):
        program = random.randrange(PROGRAMS)
        words = WORDS if program % 3 == 0 else WORDS[:-1]
        occurred_at = datetime(2022, 1, 1) + timedelta(hours=random.randrange(24 * 900))
        rows.append(
            {
                "points": random.choice(["1", "20", "7.5", "300"]),
                "occurred_at": occurred_at.isoformat(sep=" "),
                "program_id": f"{program + 100}",
                "transaction_type": random.choice(words),
                "customer_id": f"{random.randrange(25)}.0",
                "loyalty_transaction_id": number,
                "shop": "not ours",
            }
        )
    return rows


def _orders(random: Random) -> list[dict[str, Any]]:
    return [
        {
            "order_id": number,
            "customer_id": random.randrange(40),
            "ordered_at": date(2022, 6, 1) + timedelta(days=random.randrange(700)),
            "subtotal_amount": random.choice(["10", "25.5"]),
        }
        for number in range(60)
    ]


def test_a_ledger_never_seen_before_needs_no_configuration(build: Builder, tmp_path: Path) -> None:
    random = Random("a ledger never seen before")
    tables = {"orders": _orders(random), "loyalty_transactions": _ledger(random)}
    for table, rows in tables.items():
        write_csv(tmp_path / f"{table}.csv", rows)
    made = build(tmp_path, command="test")
    try:
        settings = Settings()
        expected = expect(tables, settings)
        assert len({row["program_id"] for row in expected.tables["fct_point_lots"]}) == PROGRAMS
        assert {row["transaction_type"] for row in expected.tables["fct_loyalty_transactions"]} == {
            "earn",
            "redeem",
            "expire",
        }
        assert_build_equals_reference(made, expected, settings)
    finally:
        made.close()
