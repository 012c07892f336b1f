"""`make doctor`: what it finds in a directory, what it says of faults, and that it leaves no trace.

Runs in this process share one parsed project; one run is a process of its own, as a user starts it.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from harness import REPOSITORY, Project, write_csv, write_parquet
from test_cdnow import cdnow_orders

sys.path.insert(0, str(REPOSITORY))  # pytest does not put the project's root there

from doctor import build, map  # noqa: E402
from doctor.__main__ import main  # noqa: E402

Doctor = Callable[..., tuple[int, str]]

COLUMNS = "order_id,customer_id,ordered_at,subtotal_amount"
GOOD_ORDERS = f"{COLUMNS}\n1,a,2024-01-05 10:00:00,10\n2,b,2024-01-06 11:00:00,12.50\n"
MAPPINGS = REPOSITORY / "demo" / "mappings"


@pytest.fixture(scope="module")
def doctor(project: Project) -> Doctor:
    """`doctor(directory, *arguments)`: the exit code and what is on the screen, in this process."""

    def run(directory: Path, *arguments: str) -> tuple[int, str]:
        screen = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(screen):
            patch.setattr(build, "parsed_project", lambda: project.manifest)
            patch.setenv("COLUMNS", "80")
            code = main([str(directory), *arguments])
        return code, screen.getvalue()

    return run


def flowing(text: str) -> str:
    """Text without its line breaks and indents."""
    return " ".join(text.split())


def files_of(directory: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(file.relative_to(directory)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in directory.rglob("*")
        if file.is_file()
    }


# ---------------------------------------------------------------- a directory with everything wrong


def sick_orders() -> list[dict[str, str | None]]:
    """Half a year of orders, each fault in rows of its own; one customer of nobody."""
    rows: list[dict[str, str | None]] = [
        {
            "order_id": f"{number}.0",
            "customer_id": "0" if number % 7 == 0 else f"{number % 30 + 1:04d}",
            "ordered_at": f"2024-{number % 6 + 1:02d}-{number % 27 + 1:02d}",
            "subtotal_amount": "20",
            "discount": "0",
            "currency": "USD",
            "status": "completed",
            "cost_amount": None,
        }
        for number in range(100, 200)
    ]
    rows[1]["status"] = rows[2]["status"] = rows[3]["status"] = rows[4]["status"] = "Shiped"
    rows[5]["status"] = "zapped, twice"
    rows[10]["subtotal_amount"] = "-3"
    rows[11]["ordered_at"] = "yesterday"
    rows[12]["currency"] = "EUR"
    rows.append({**rows[20], "order_id": "9999", "ordered_at": "2024-09-30"})
    return rows


@pytest.fixture(scope="module")
def sick(doctor: Doctor, tmp_path_factory: pytest.TempPathFactory) -> str:
    directory = tmp_path_factory.mktemp("sick")
    write_csv(directory / "orders.csv", sick_orders())
    customers = [
        {"customer_id": number, "email": f"Box{number // 2}@example.com", "e_male": None}
        for number in range(1, 31)
    ]
    write_csv(directory / "customers.csv", customers)
    ledger = ["loyalty_transaction_id", "customer_id", "transaction_type", "points", "occurred_at"]
    write_csv(
        directory / "loyalty_transactions" / "january.csv",
        [dict(zip(ledger, ["1", "1", "gift", "5", "2024-01-01"], strict=True))],
    )
    for name in ("Refunds.csv", "order_item.csv", "referrals.xlsx", "notes.txt"):
        (directory / name).write_text("x", encoding="utf-8")
    code, text = doctor(directory)
    assert code == 0, text
    return flowing(text)


@pytest.mark.parametrize(
    "said",
    [
        # what was found
        "orders 101 rows orders.csv",
        "loyalty_transactions 1 row loyalty_transactions/**/*.csv",
        "exchange_rates orders in other currencies are rejected",
        "Refunds.csv rename it to refunds.csv",
        "order_item.csv rename it to order_items.csv",
        "referrals.xlsx save it as referrals.csv or referrals.parquet",
        "notes.txt no raw table has such a name",
        # its columns
        "orders: 7 of 22 declared columns",
        "taken as false is_test",
        "all blank cost_amount",
        "not declared discount (did you mean discount_amount?)",
        # what is rejected
        "orders: 8 of 101 rows (7.9%)",
        "unknown_status: 5 101: status = Shiped 102: status = Shiped 103: status = Shiped m",
        "negative_amount: 1 110: subtotal_amount = -3",
        "unparseable_ordered_at: 1 111: ordered_at = yesterday",
        "missing_exchange_rate: 1 112: currency = EUR",
        # words
        "orders.status: shiped (4 rows)",
        "shiped,true,false,my shop (as shipped)",
        '"zapped, twice",true,false,my shop (a guess)',
        "loyalty_transactions.transaction_type: gift (1 row) known: earn, redeem, expire,",
        # the span
        "orders 93 accepted, 93 count as purchases",
        "dates 2024-01-",
        "as_of_date 2024-09-30",
        # oddities
        "orders.order_id looks like a float in 100 rows",
        "30 ids of orders.customer_id differ from customers.customer_id by zeros in front alone",
        "14 e-mail addresses are shared by 28 accounts",
        "customer_id 0 has 12 orders",
        "Every ordered_at is midnight",
        "Currencies other than USD, without a rate: EUR (1 order).",
        "days before the last order (2024-09-30) have none",
        # the end
        "RETENTION_DB=warehouse.duckdb",
    ],
)
def test_finds(sick: str, said: str) -> None:
    assert said in sick


def test_names_no_e_mail_address(sick: str) -> None:
    assert "@" not in sick


# ---------------------------------------------------------------- tables that hang together


@pytest.fixture(scope="module")
def linked(doctor: Doctor, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Orders with refunds, lines, rates and customers, each of which disagrees with them somewhere."""
    directory = tmp_path_factory.mktemp("linked")
    order = {
        "customer_id": None,
        "ordered_at": "2024-01-10 10:00:00",
        "subtotal_amount": "20",
        "currency": "USD",
        "email": None,
        "refunded_amount": "0",
    }
    orders = [
        {"order_id": "rated", "currency": "EUR"},
        {"order_id": "stale", "currency": "EUR", "ordered_at": "2024-03-01 10:00:00"},
        {"order_id": "early", "currency": "EUR", "ordered_at": "2024-01-01 10:00:00"},
        {"order_id": "guest", "email": "Guest@example.com "},
        {"order_id": "account", "email": "one@example.com"},
        {"order_id": "shared", "email": "two@example.com"},
        {"order_id": "merged", "customer_id": "c-old"},
        {"order_id": "nobody", "refunded_amount": "5"},
        {"order_id": "otherwise", "refunded_amount": "5"},
    ]
    write_csv(directory / "orders.csv", [{**order, **row} for row in orders])
    customers = [("c1", "one"), ("c2", "two"), ("c3", "two"), ("c-old", "old")]
    write_csv(
        directory / "customers.csv",
        [{"customer_id": name, "email": f"{box}@example.com"} for name, box in customers],
    )
    aliases = [("c-old", "c1"), ("x", "x")]
    write_csv(
        directory / "customer_aliases.csv",
        [{"alias_customer_id": alias, "customer_id": name} for alias, name in aliases],
    )
    rates = [("2024-01-05", "EUR", "1.1"), ("2024-01-06", "GBP", "0")]
    write_csv(
        directory / "exchange_rates.csv",
        [dict(zip(["rate_date", "currency", "rate_to_reporting"], r, strict=True)) for r in rates],
    )
    refunds = [("r1", "otherwise", "4"), ("r2", "guest", "20.01"), ("r3", "lost", "1")]
    write_csv(
        directory / "refunds.csv",
        [
            {"refund_id": name, "order_id": of, "refunded_at": "2024-03-02", "refund_amount": amount}
            for name, of, amount in refunds
        ],
    )
    lines = [("guest", "20", "1"), ("account", "19.98", "1"), ("shared", "20", "0")]
    write_csv(
        directory / "order_items.csv",
        [
            {"order_id": of, "line_number": 1, "product_id": "p", "quantity": n, "unit_price": price}
            for of, price, n in lines
        ],
    )
    code, text = doctor(directory)
    assert code == 0, text
    return flowing(text)


@pytest.mark.parametrize(
    "said",
    [
        # what is rejected, in each of the tables
        "missing_exchange_rate: 1 early: currency = EUR, ordered_at = 2024-01-01 10:00:00",
        "alias_cycle: 1 x: customer_id = x",
        "exchange_rates: 1 of 2 rows (50.0%) negative_amount: 1 2024-01-06 GBP: rate_to_reporting = 0",
        "refund_exceeds_order: 1 r2: order_id = guest, refund_amount = 20.01",
        "unknown_order: 1 r3: order_id = lost",
        "non_positive_quantity: 1 shared 1: quantity = 0",
        # whose orders they are
        "guests 87.5% of the orders (7) by e-mail: 1 of accounts, 2 of guests; without one: 4",
        "merged 1 order of accounts that customer_aliases has merged",
        # what is worth a look
        "1 e-mail address is shared by 2 accounts. An address merges no accounts",
        "1 order is of guests whose address more accounts hold than max_customers_per_email (1)",
        "without a rate: EUR (1 order)",
        "EUR has no rate for 56 days after 2024-01-05",
        "1 order is refunded otherwise by refunded_amount than by the rows in refunds",
        "1 refund is rejected although the order is there",
        "1 order differs from the lines in order_items",
    ],
)
def test_tables_that_disagree(linked: str, said: str) -> None:
    assert said in linked
    assert "@" not in linked


def test_guests_of_all_orders_are_no_ids_of_orders(doctor: Doctor, tmp_path: Path) -> None:
    """A shop of guests: nobody has put the order's number into customer_id."""
    rows = [
        {
            "order_id": number,
            "customer_id": None,
            "email": f"guest{number}@example.com",
            "ordered_at": f"2024-01-{number:02d} 10:00:00",
            "subtotal_amount": "5",
        }
        for number in range(1, 31)
    ]
    write_csv(tmp_path / "orders.csv", rows)
    code, text = doctor(tmp_path)
    assert code == 0
    assert "customers 30" in flowing(text)
    assert "a customer_id of its own" not in flowing(text)


# ---------------------------------------------------------------- what stops a build


def two_homes(directory: Path) -> None:
    (directory / "orders.csv").write_text(GOOD_ORDERS, encoding="utf-8")
    write_csv(directory / "orders" / "part.csv", [], COLUMNS.split(","))


def lacking(directory: Path) -> None:
    text = "Order ID,customer_id,order_date,amount\n1,a,2024-01-05,10\n"
    (directory / "orders.csv").write_text(text, encoding="utf-8")


def torn(directory: Path) -> None:
    (directory / "orders.csv").write_text(GOOD_ORDERS + "3,c,2024-01-07\n", encoding="utf-8")


def named(name: str, text: str) -> Callable[[Path], None]:
    return lambda directory: (directory / name).write_text(text, encoding="utf-8") and None


FAULTS: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "empty": (lambda directory: None, ["is empty: put orders.csv or orders.parquet there."]),
    "no_orders": (
        named("Orders.csv", GOOD_ORDERS),
        ["This stops a build: No raw table orders in", "Orders.csv rename it to orders.csv"],
    ),
    "lacking": (
        lacking,
        [
            "Raw table orders lacks order_id, ordered_at, subtotal_amount in",
            '"order id" as order_id, "order_date" as ordered_at, "amount" as subtotal_amount,',
            "/orders.csv MAPPING=orders.sql OUT=mapped",
        ],
    ),
    "two_homes": (two_homes, ["Raw table orders has two homes:", "Keep one of them."]),
    "torn": (
        torn,
        ["Raw table orders: line 4 of", "does not fit its header.", "Mend that line"],
    ),
    "bad_parquet": (
        named("orders.parquet", GOOD_ORDERS),
        ["Raw table orders cannot be read:", "orders.parquet", "give it the ending of what it is"],
    ),
    "no_header": (named("orders.csv", ""), ["has no header line.", "must name the columns."]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_one_message_with_what_to_do(fault: str, doctor: Doctor, tmp_path: Path) -> None:
    make, said = FAULTS[fault]
    make(tmp_path)
    code, text = doctor(tmp_path)
    assert code == 1
    for piece in said:
        # A long path breaks a line in the middle of a word.
        assert "".join(piece.split()) in "".join(text.split())
    assert "Traceback" not in text and "> in macro" not in text


def test_the_mapping_it_offers_makes_orders(doctor: Doctor, tmp_path: Path) -> None:
    lacking(tmp_path)
    _, text = doctor(tmp_path)
    offered = text[text.index("select * rename") : text.index("make map")]
    (tmp_path / "orders.sql").write_text(offered, encoding="utf-8")
    arguments = [tmp_path / "orders.csv", tmp_path / "orders.sql", tmp_path / "mapped"]
    assert map.main([str(argument) for argument in arguments]) == 0
    code, text = doctor(tmp_path / "mapped")
    assert code == 0 and "1 accepted" in text


def test_raw_that_is_no_directory(doctor: Doctor, tmp_path: Path) -> None:
    code, text = doctor(tmp_path / "nowhere")
    assert code == 1 and "There is no directory" in text
    file = tmp_path / "orders.csv"
    file.write_text(GOOD_ORDERS, encoding="utf-8")
    code, text = doctor(file)
    assert code == 1 and "is a file: name the directory that holds it" in flowing(text)
    code, text = doctor(tmp_path, "--vars", "reporting_currency")
    assert code == 1 and "Give vars as YAML" in text


# ---------------------------------------------------------------- other people's files


def test_ids_of_numbers_and_of_orders(doctor: Doctor, tmp_path: Path) -> None:
    """Thirty orders, each with a customer of its own, and ids that a data frame made numbers."""
    rows = [
        {
            "order_id": number,
            "customer_id": number + 1000,
            "ordered_at": f"2024-01-{number:02d} 10:00:00",
            "subtotal_amount": "5",
        }
        for number in range(1, 31)
    ]
    write_parquet(
        tmp_path / "orders.parquet", rows, types={"order_id": "bigint", "customer_id": "double"}
    )
    code, text = doctor(tmp_path)
    assert code == 0
    assert "orders.order_id is a number: if your ids begin with zeros" in flowing(text)
    assert "orders.customer_id is a float" in flowing(text)
    assert "30 customers have 30 orders: nearly each order has a customer_id" in flowing(text)
    assert "Rows that would be rejected" in text and "None." in text
    assert "midnight" not in text and "days before the last order" not in text


def test_cdnow(doctor: Doctor, tmp_path: Path) -> None:
    write_csv(tmp_path / "orders.csv", list(cdnow_orders()))
    code, text = doctor(tmp_path)
    said = flowing(text)
    assert code == 0
    assert "orders: 4 of 22 declared columns" in said
    assert "None." in said
    assert "orders 69,659 accepted, 69,659 count as purchases" in said
    assert "dates 1997-01-01 to 1998-06-30 (UTC) as_of_date 1998-06-30" in said
    assert "customers 23,570" in said


# shop: export, vars, and sums by hand over all ten orders: goods, discounts, goods refunded,
# and what the customers were charged in the end (total_sales).
MAPPED = {
    "shopify": (
        "orders_export.csv",
        "{}",
        # 33.50 + 48 + 28.50 + 15 + 60 + 34 + 12 + 36.50 + 30 + 48; 4.80 + 6.50; 60 + 9.50;
        # Totals 41.18 + 46.66 + 35.78 + 16.20 + 69.80 + 41.72 + 17.96 + 32.40 + 37.40 + 56.84
        # less Refunded Amounts 69.80 + 9.50
        ("345.50", "11.30", "69.50", "316.64"),
    ),
    "woocommerce": (
        "order_export.csv",
        "{reporting_currency: EUR}",
        # 24 + 48 + 15 + 60 + 28.50 + 12 + 30 + 9.50 + 48 + 96; 4.80 + 3 + 9.60; 60 + 2 x 9.50;
        # order_total 34.39 + 51.41 + 26.06 + 77.23 + 39.75 + 20.11 + 37.96 + 17.14 + 57.12 + 102.82
        # less refunds 77.23 + 19
        ("371.00", "17.40", "79.00", "367.76"),
    ),
}


@pytest.mark.parametrize("shop", MAPPED)
def test_mapping(
    shop: str, doctor: Doctor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An export becomes orders that the doctor accepts to the last row, and its money adds up."""
    export, variables, (goods, discounts, refunded, charged) = MAPPED[shop]
    mapping = MAPPINGS / shop / "orders.sql"
    assert map.main([str(MAPPINGS / shop / export), str(mapping), str(tmp_path)]) == 0
    assert "orders.parquet: 10 rows" in capsys.readouterr().out

    sums = duckdb.sql(
        f"""
        select
            sum(subtotal_amount), sum(discount_amount), sum(refunded_amount),
            sum(
                subtotal_amount - discount_amount - refunded_amount
                + shipping_amount - refunded_shipping_amount + tax_amount - refunded_tax_amount
            )
        from '{tmp_path}/orders.parquet'
        """
    ).fetchone()
    assert sums == tuple(Decimal(amount) for amount in (goods, discounts, refunded, charged))

    code, text = doctor(tmp_path, "--vars", variables)
    said = flowing(text)
    assert code == 0
    assert "Rows that would be rejected" in said and "None." in said
    assert "10 accepted, 8 count as purchases" in said
    assert "not declared" not in said and "Currencies other than" not in said

    lines = mapping.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if not line.startswith("--")]) < 10


@pytest.mark.parametrize(
    ("export", "mapping", "said"),
    [
        ("a,b\n1,2\n3\n", "select a from export", "Line: 3"),
        ("a,b\n1,2\n", "select c from export", 'column "c" not found'),
        ("a,b\n1,2\n", None, "There is no mapping"),
        (None, "select 1 from export", "There is no export"),
    ],
)
def test_mapping_that_makes_no_table(
    export: str | None,
    mapping: str | None,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, text in (("export.csv", export), ("orders.sql", mapping)):
        if text:
            (tmp_path / name).write_text(text, encoding="utf-8")
    arguments = [tmp_path / "export.csv", tmp_path / "orders.sql", tmp_path / "mapped"]
    assert map.main([str(argument) for argument in arguments]) == 1
    assert said in capsys.readouterr().out
    assert not (tmp_path / "mapped" / "orders.parquet").exists()


# ---------------------------------------------------------------- as a user starts it


def test_leaves_no_trace_and_no_colour(tmp_path: Path) -> None:
    raw, working, scratch = (tmp_path / name for name in ("raw", "working", "scratch"))
    for directory in (raw, working, scratch):
        directory.mkdir()
    (raw / "orders.csv").write_text(
        GOOD_ORDERS + f"{'3' * 60},{'c' * 90},2024-01-07,-1\n", encoding="utf-8"
    )
    (raw / f"{'long' * 20}.txt").write_text("x", encoding="utf-8")
    raw_before, project_before = files_of(raw), set(os.listdir(REPOSITORY))
    environment = {
        **os.environ,
        # A terminal as far as rich can tell: only NO_COLOR keeps the escape codes away.
        **{"NO_COLOR": "1", "FORCE_COLOR": "1", "COLUMNS": "80"},
        **{"TMPDIR": str(scratch), "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
    }
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "../raw"],
        cwd=working,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "negative_amount: 1" in done.stdout
    assert "\x1b" not in done.stdout
    # The command is for copying: its paths stay whole.
    findings, command = done.stdout.split("To build")
    assert max(widths(findings)) <= 80
    assert f"cd {REPOSITORY} &&" in command and str(raw) in command

    assert files_of(raw) == raw_before
    assert list(working.iterdir()) == []
    assert list(scratch.iterdir()) == []
    assert set(os.listdir(REPOSITORY)) == project_before


def widths(text: str) -> list[int]:
    return [len(line) for line in text.splitlines()]
