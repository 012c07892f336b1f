"""The picture with which `make demo` ends: what it reads from which warehouse, and how it looks."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from harness import REPOSITORY, Build, Builder, write_csv

sys.path.insert(0, str(REPOSITORY))  # pytest does not put the project's root there

from demo.show import main  # noqa: E402


def shown(warehouse: Path) -> tuple[int, str]:
    """The exit code and the picture, at 80 columns."""
    screen = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(screen):
        patch.setenv("COLUMNS", "80")
        code = main([str(warehouse)])
    return code, screen.getvalue()


def lines_of(text: str) -> list[str]:
    """Lines with single blanks."""
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.fixture(scope="module")
def warehouse(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """January: a, b, c, d order. February: a twice, b, and e for the first time."""
    raw = tmp_path_factory.mktemp("shop")
    days = ["a 01-02", "b 01-05", "c 01-09", "d 01-31", "a 02-01", "a 02-10", "b 02-11", "e 02-29"]
    orders = [
        {
            "order_id": number,
            "customer_id": day[0],
            "ordered_at": f"2024-{day[2:]}",
            "subtotal_amount": "1000" if day == "e 02-29" else "10",
            "status": "completed",
        }
        for number, day in enumerate(days, start=1)
    ]
    orders += [{**orders[0], "order_id": f"x{i}", "status": "zapped"} for i in range(3)]
    orders += [{**orders[0], "order_id": "y", "status": "[odd]"}]
    write_csv(raw / "orders.csv", orders)
    ledger = [
        {
            "loyalty_transaction_id": number,
            "customer_id": "a",
            "transaction_type": transaction_type,
            "points": points,
            "occurred_at": "2024-02-10",
            "program_id": "club",
        }
        for number, (transaction_type, points) in enumerate(
            [("earn", 12_345_678_900), ("redeem", 3_086_419_725), ("gift", 5)]
        )
    ]
    write_csv(raw / "loyalty_transactions.csv", ledger)
    refund = {"refund_id": "r", "order_id": "lost", "refunded_at": "2024-02-03", "refund_amount": "1"}
    write_csv(raw / "refunds.csv", [refund, {**refund, "refund_id": "s", "refund_amount": "-1"}])
    line = {"order_id": "1", "line_number": "1", "product_id": "p", "quantity": "0", "unit_price": "10"}
    write_csv(raw / "order_items.csv", [line])
    write_csv(raw / "customer_aliases.csv", [{"alias_customer_id": "z", "customer_id": "z"}])
    rate = {"rate_date": "2024-01-01", "currency": "EUR", "rate_to_reporting": "0"}
    write_csv(raw / "exchange_rates.csv", [rate])
    return build(raw, command="run")


@pytest.fixture(scope="module")
def picture(warehouse: Build) -> str:
    assert warehouse.success, warehouse.failures
    code, text = shown(warehouse.path)
    assert code == 0
    return text


@pytest.mark.parametrize(
    "said",
    [
        "February 2024, complete ",
        "on Jan 2024 on Feb 2023",
        "Active customers 3 -25.0 % -",
        "New customers 1 -75.0 % -",
        "Retention rate 50.0% - -",
        "Churn rate 50.0% - -",
        "Repeat customer rate (RCR) 33.3% +33.3 pp -",
        "Purchase frequency 1.33 +33.3 % -",
        "Average order value (AOV) 257.50 +2,475.0 % -",
        "Customer value 343.33 +3,333.3 % -",
        "Net sales 1,030.00 +2,475.0 % -",
        "Redemption rate, club 25.0% - -",
        "Jan 2024 4 50",
        "Feb 2024 12.3bn 3,086.4M 0 0 0 0 9,259.3M 25%",
        "orders 12 8 0 4 adds up",
        "quarantine.orders 4 unknown_status",
        "refunds 2 0 0 2 adds up",
        "quarantine.customer_aliases 1 alias_cycle",
        "quarantine.exchange_rates 1 negative_amount",
        "quarantine.loyalty_transactions 1 unknown_transaction_type",
        "quarantine.order_items 1 non_positive_quantity",
        "quarantine.refunds 2 unknown_order",
        "Unknown status words: zapped (3), [odd] (1)",
        "Your own files make doctor RAW=/path/to/your/files",
    ],
)
def test_shows(picture: str, said: str) -> None:
    assert any(line.startswith(said) for line in lines_of(picture)), picture


def test_formula_ltv_is_the_marts(picture: str, warehouse: Build) -> None:
    [row] = warehouse.rows("select avg(formula_ltv) as mean from marts.rpt_customer_value")
    assert f"Formula LTV, mean of 5 customers: {row['mean']:,.2f}" in picture


def test_colour_is_an_addition(warehouse: Build, picture: str) -> None:
    """The same words with and without it, none wider than the screen; NO_COLOR is heeded."""

    def run(**variables: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        environment |= {"COLUMNS": "80", "FORCE_COLOR": "1", "COLORTERM": "truecolor", **variables}
        command = [sys.executable, "-m", "demo.show", str(warehouse.path)]
        warehouse.close()
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    plain, coloured = run(NO_COLOR="1"), run()
    assert "\x1b" not in plain
    assert "\x1b[" in coloured and ";48;2;" in coloured
    assert lines_of(plain) == lines_of(picture)
    assert max(len(line) for line in plain.splitlines()) <= 80


def test_a_warehouse_without_rows(build: Builder, tmp_path: Path) -> None:
    """No order, so no as_of: every section says that it has nothing."""
    write_csv(
        tmp_path / "orders.csv", [], ["order_id", "customer_id", "ordered_at", "subtotal_amount"]
    )
    code, text = shown(build(tmp_path, command="run").path)
    assert code == 0
    for said in ("No monthly figures.", "No cohort has", "No points ledger.", "orders"):
        assert said in text


def test_no_warehouse_is_one_line(tmp_path: Path) -> None:
    def said_of(name: str) -> str:
        code, text = shown(tmp_path / name)
        assert code == 1
        # A long path breaks a line in the middle of a word.
        return "".join(text.split())

    assert "Thereisnowarehouse" in said_of("nowhere.duckdb")
    (tmp_path / "text.duckdb").write_text("hello", encoding="utf-8")
    assert "text.duckdbcannotbeopened" in said_of("text.duckdb")
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert "holdsnomarts:buildthemwith.venv/bin/dbtbuild" in said_of("empty.duckdb")
