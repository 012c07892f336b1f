"""The landing gate: what it must see, what it must leave alone, and what it keeps.

The shop of these tests loads once a day: weekdays differ, it grows, every 45th day is a sale. Each
fault is a day that was spoilt in one way.
"""

from __future__ import annotations

import math
import re
import shutil
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from demo.parameters import Parameters
from demo.shop import Shop
from doctor.variables import project_variables
from harness import REPOSITORY, Builder
from landing import __main__ as command
from landing import judge
from landing.declaration import raw_tables
from landing.gate import THRESHOLDS
from landing.macros import Macros
from landing.profile import find
from landing.rules import NONE, Check, checks

HISTORY_DAYS = 70
GOOD_DAYS = 200
LIMITS = yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))

DAYS = f"""
    create table days as
    select
        number as day_number,
        date '2025-01-01' + cast(number as integer) as day,
        cast(
            (200 + 0.5 * number)
            * [1.0, 0.9, 0.95, 1.05, 1.3, 1.5, 0.8][isodow(date '2025-01-01' + cast(number as integer))]
            * (case when number % 45 = 44 then 3 else 1 end)
            * (0.9 + 0.2 * random())
        as integer) as orders
    from range({HISTORY_DAYS + GOOD_DAYS + 2}) as numbers (number)
"""
# A tenth of a day's rows are later versions of orders of the day before.
ORDERS = """
    create table orders as
    select
        line,
        day_number,
        (case when line * 10 < orders then day_number - 1 else day_number end) || '-' || line as order_id,
        case when random() > 0.1 then 'C' || cast(5000 * random() as integer) end as customer_id,
        cast(day as timestamp) - to_hours(case when line * 10 < orders then 24 else 0 end)
            + to_seconds(cast(86399 * random() as integer)) as ordered_at,
        cast(exp(3.5 + 0.8 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) as decimal(18, 4))
            as subtotal_amount,
        case when random() < 0.9 then 'completed' else 'refunded' end as status,
        case when random() > 0.05 then 'c' || line || '@example.com' end as email,
        cast(day as timestamp) + interval 23 hour as updated_at,
        cast(day as timestamp) + interval 27 hour as _loaded_at
    from days, range(orders) as lines (line)
"""


@pytest.fixture(scope="session")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All days of the shop in one database."""
    path = tmp_path_factory.mktemp("trade") / "trade.duckdb"
    with duckdb.connect(str(path), config={"threads": 1}) as connection:
        connection.execute("select setseed(0.25)")
        connection.execute(DAYS)
        connection.execute(ORDERS)
    return path


class Land:
    """A raw directory and a warehouse that live through some days."""

    def __init__(self, directory: Path, trade: Path):
        self.directory, self.trade = directory, trade
        self.raw, self.database, self.docs = directory / "raw", directory / "w.duckdb", directory / "docs"

    def write(self, name: str, sql: str) -> None:
        """A file of the raw table orders, of a query on all the shop's orders."""
        file = self.raw / "orders" / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(self.trade), read_only=True) as connection:
            connection.execute(f"copy ({sql}) to '{file}' (format parquet)")

    def run(self, *arguments: str) -> int:
        return command.main([str(self.raw), "--docs", str(self.docs), *arguments])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def unmet(self) -> set[str]:
        """What the newest run found not to be as expected."""
        return {
            f"{table}.{rule}" if column == "(batch)" else f"{table}.{rule}.{column}"
            for table, rule, column in self.rows(
                "select table_name, rule, column_name from landing.batch_verdicts where not is_met "
                "and judged_at = (select max(judged_at) from landing.batch_verdicts)"
            )
        }


COLUMNS = "* exclude (line, day_number)"
NEXT = f"day_number = {HISTORY_DAYS}"
DAY_AFTER = f"day_number = {HISTORY_DAYS + 1}"
PAST = f"select {COLUMNS} from orders where day_number < {HISTORY_DAYS}"
GOOD = f"select {COLUMNS} from orders where {NEXT}"


def replaced(what: str) -> str:
    return f"select {COLUMNS} replace ({what}) from orders where {NEXT}"


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory, trade: Path) -> Path:
    """A warehouse that knows the history, with the raw files of it."""
    land = Land(tmp_path_factory.mktemp("settled"), trade)
    land.write("past", PAST)
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'r' || i as refund_id, '1-50' as order_id, timestamp '2025-02-01' as "
            "refunded_at, 5 as refund_amount, timestamp '2025-02-02' as _loaded_at from range(30) as t (i)) "
            f"to '{land.raw}/refunds.csv'"
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_DB", str(land.database))
        patch.delenv("RETENTION_RAW_SCHEMA", raising=False)
        patch.setenv("RETENTION_RAW_DIR", "")
        assert land.run() == 0
    return land.directory


@pytest.fixture
def land(
    settled: Path, trade: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Land:
    """The shop after its history, each test's own."""
    copy = Land(tmp_path / "land", trade)
    shutil.copytree(settled, copy.directory)
    monkeypatch.setenv("RETENTION_DB", str(copy.database))
    monkeypatch.delenv("RETENTION_RAW_SCHEMA", raising=False)
    # main() names the directory for macros; this sees to it that the name goes again.
    monkeypatch.setenv("RETENTION_RAW_DIR", "")
    return copy


# ---------------------------------------------------------------- each fault, once


@dataclass(frozen=True)
class Spoilt:
    """A way to spoil a day, and all that it should set off."""

    do: Callable[[Land], None]
    unmet: set[str]


def day(sql: str) -> Callable[[Land], None]:
    return lambda land: land.write("next", sql)


def home(sql: str) -> Callable[[Land], None]:
    """The whole table anew, history and next day: its columns are those of all its files."""
    return lambda land: land.write("past", sql.format(past=PAST.replace("<", "<=")))


FAULTS = {
    "half a day is missing": Spoilt(day(f"{GOOD} and line % 2 = 0"), {"volume"}),
    "eight times the rows": Spoilt(
        day(
            f"select orders.{COLUMNS} replace (order_id || '-' || copy as order_id) "
            f"from orders, range(8) as copies (copy) where {NEXT}"
        ),
        {"surge"},
    ),
    "yesterday's file again": Spoilt(
        day(
            f"select {COLUMNS} replace (_loaded_at + interval 1 day as _loaded_at) from orders "
            f"where day_number = {HISTORY_DAYS - 1}"
        ),
        {"duplicate", "known_ids", "freshness"},
    ),
    "events end two days before": Spoilt(
        day(replaced("ordered_at - interval 40 hour as ordered_at")), {"freshness"}
    ),
    "a column is gone null": Spoilt(
        day(replaced("null as email")), {"gone_null", "null_share.email"}
    ),
    "a third of a column is blank": Spoilt(
        day(replaced("case when line % 3 > 0 then email else ' ' end as email")), {"null_share.email"}
    ),
    "a column is not delivered": Spoilt(
        home("select * exclude (email) from ({past})"), {"vanished_columns"}
    ),
    "a column is new": Spoilt(day(f"select *, 1 as gift from ({GOOD})"), {"new_columns"}),
    "a number has become text": Spoilt(
        home("select * replace (cast(subtotal_amount as varchar) as subtotal_amount) from ({past})"),
        {"changed_types"},
    ),
    "amounts are in cents": Spoilt(
        day(replaced("subtotal_amount * 100 as subtotal_amount")),
        {"amount_scale.subtotal_amount", "amount_shift.subtotal_amount"},
    ),
    "prices have doubled": Spoilt(
        day(replaced("subtotal_amount * 2 as subtotal_amount")), {"amount_shift.subtotal_amount"}
    ),
    "a word is new": Spoilt(
        day(replaced("case when line % 5 = 0 then 'abgeschlossen' else status end as status")),
        {"unknown_words.status"},
    ),
    "half of the ids came before": Spoilt(
        day(
            replaced(
                f"case when line % 2 = 0 then '{HISTORY_DAYS - 1}-' || (line + 60) else order_id end as order_id"
            )
        ),
        {"known_ids"},
    ),
    "a table is not delivered": Spoilt(
        lambda land: (land.write("next", GOOD), (land.raw / "refunds.csv").unlink()) and None,
        {"refunds.vanished_table"},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_seen_and_nothing_else(
    name: str, land: Land, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Half a second each, and a test of its own.
    monkeypatch.setattr(judge.Judge, "write_docs", lambda *_: None)
    fault = FAULTS[name]
    fault.do(land)
    capsys.readouterr()
    code = land.run()
    lines = capsys.readouterr().out.splitlines()
    expected = {rule if rule.startswith("refunds.") else f"orders.{rule}" for rule in fault.unmet}
    assert land.unmet() == expected
    critical = [line for line in lines if line.startswith("critical: ")]
    assert code == (1 if critical else 0)
    # One line for each, which names table, rule, what was seen and what was expected.
    for rule in expected:
        [line] = [line for line in lines if f": {rule} " in line]
        assert re.search(r" seen .+, expected .+ \(batch .+\)$", line)


def test_each_rule_has_a_fault() -> None:
    sources = (REPOSITORY / "landing" / name for name in ("rules.py", "gate.py"))
    rules = {rule for file in sources for rule in re.findall(r'\bCheck\(\s*"(\w+)"', file.read_text())}
    shown = {unmet.removeprefix("refunds.").split(".")[0] for f in FAULTS.values() for unmet in f.unmet}
    assert rules == shown


# ---------------------------------------------------------------- no cry of wolf


def is_met(check: Check) -> bool:
    """A bound by plain comparison: Great Expectations, which takes longer, judges all others here."""
    if isinstance(check.seen, str):
        return check.seen == NONE
    lowest = -math.inf if check.lowest is None else check.lowest
    return lowest <= check.seen <= (math.inf if check.highest is None else check.highest)


def replay(raw: Path, first: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Counter[str], list[str]]:
    """Every batch from the first-th of a table on, judged by those before it: how many batches, the
    unmet checks by severity, and what they say."""
    monkeypatch.setenv("RETENTION_RAW_DIR", str(raw))
    batches, unmet, said = 0, Counter[str](), []
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        macros = Macros(connection, project_variables({}))
        for name, table in raw_tables().items():
            if name == "orders" or list(raw.glob(f"{name}*")):
                found = find(macros, table, "")
                assert found is not None
                there = found.batches(None)
                found.profile(there, LIMITS["most_words"], LIMITS["known_ids_days"])
                for number, batch in enumerate(there[first:], start=first):
                    batches += 1
                    for check in checks(batch, there[:number], LIMITS):
                        if not is_met(check):
                            unmet[check.severity] += 1
                            said.append(f"{name} {batch.batch_id} {check.name}: {check.seen_text}")
    return batches, unmet, said


def test_200_good_batches_pass_in_silence(
    trade: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[..., None]
) -> None:
    shop = Land(tmp_path, trade)
    shop.write("all", f"select {COLUMNS} from orders where day_number < {HISTORY_DAYS + GOOD_DAYS}")
    batches, unmet, said = replay(shop.raw, HISTORY_DAYS, monkeypatch)
    record_property("false_alarms", f"{sum(unmet.values())} of {batches} batches")
    assert batches == GOOD_DAYS
    assert not said


def test_three_years_of_the_demo_pass_almost_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rare words and sales may set off a warning: one batch in a thousand. Nothing stops a load."""
    for _ in Shop(Parameters(), tmp_path / "raw", threads=2).make():
        pass
    batches, unmet, said = replay(tmp_path / "raw", 0, monkeypatch)
    assert batches > 8000
    assert not unmet["critical"], said
    assert unmet["warning"] <= batches / 1000, said


def test_a_good_day_passes_without_a_network(
    land: Land, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("somebody asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    land.write("next", GOOD)
    assert land.run() == 0
    assert not land.unmet()
    assert "1 new batches" in capsys.readouterr().out
    [(verdicts,)] = land.rows("select count(*) from landing.batch_verdicts where table_name = 'orders'")
    assert verdicts > 20
    assert land.run() == 0
    assert "nothing new to judge" in capsys.readouterr().out


# ---------------------------------------------------------------- what stops, and what lets it pass

HALF = FAULTS["half a day is missing"]


def test_a_stopped_batch_is_judged_again_until_it_is_mended(land: Land) -> None:
    HALF.do(land)
    assert land.run() == 1
    assert land.run() == 1
    land.write("next", GOOD)
    assert land.run() == 0
    assert land.run() == 0
    [(judgements,)] = land.rows(
        "select count(distinct judged_at) from landing.batch_verdicts "
        "where batch_id = (select max(batch_id) from landing.batch_verdicts)"
    )
    assert judgements == 3


def test_an_override_is_by_name_once_and_its_reason_is_kept(
    land: Land, capsys: pytest.CaptureFixture[str]
) -> None:
    HALF.do(land)
    assert land.run() == 1
    assert land.run("--accept", "orders.volume") == 1
    assert "The reason is kept" in capsys.readouterr().out
    assert land.run("--accept", "orders.duplicate", "--reason", "wrong name") == 1
    assert "orders.duplicate does not fail now" in capsys.readouterr().out
    assert land.run("--accept", "orders.volume", "--reason", "closed: it's \"stock\" day") == 0
    assert "accepted (closed: it's \"stock\" day): orders.volume" in capsys.readouterr().out
    assert land.run() == 0
    kept = land.rows(
        "select rule, is_met, accept_reason from landing.batch_verdicts where accept_reason is not null"
    )
    assert kept == [("volume", False, "closed: it's \"stock\" day")]
    # The next bad batch needs an override of its own.
    land.write("after", f"select {COLUMNS} from orders where {DAY_AFTER} and line % 4 = 0")
    assert land.run() == 1


def test_an_absent_table_is_accepted_once_for_good(land: Land) -> None:
    FAULTS["a table is not delivered"].do(land)
    assert land.run() == 1
    assert land.run("--accept", "refunds.vanished_table", "--reason", "no refunds any more") == 0
    assert land.run() == 0


def test_an_expectation_that_raises_is_no_yes(
    land: Land, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(check: Check) -> judge.Expectation:
        return judge.ExpectColumnMaxToBeBetween(column=f"{check.name}_", min_value=0)

    monkeypatch.setattr(judge, "_expectation", broken)
    land.write("next", GOOD)
    assert land.run() == 1
    assert "could not be judged" in capsys.readouterr().out


# ---------------------------------------------------------------- what cannot be read


def unreadable(raw: Path) -> None:
    (raw / "orders.parquet").write_bytes(b"PAR1 no parquet")


def torn(raw: Path) -> None:
    (raw / "orders.csv").write_text("order_id,customer_id,ordered_at,subtotal_amount\n1,2,2025-01-01\n")


def without_amounts(raw: Path) -> None:
    (raw / "orders.csv").write_text("order_id,customer_id,ordered_at\n1,2,2025-01-01\n")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (unreadable, "Raw table orders cannot be read: "),
        (torn, "Raw table orders: line 2 of "),
        (without_amounts, "Raw table orders lacks subtotal_amount in "),
        (lambda raw: None, "No raw table orders in "),
    ],
)
def test_what_cannot_be_read_is_one_line(
    make: Callable[[Path], None],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RETENTION_DB", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("RETENTION_RAW_DIR", "")
    (tmp_path / "raw").mkdir()
    make(tmp_path / "raw")
    assert command.main([str(tmp_path / "raw"), "--docs", str(tmp_path / "docs")]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(said)


def test_a_file_without_load_times_is_one_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RETENTION_DB", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("RETENTION_RAW_DIR", "")
    raw = tmp_path / "raw"
    raw.mkdir()
    head = "order_id,customer_id,ordered_at,subtotal_amount"
    (raw / "orders.csv").write_text("\n".join([head, *(f"{i},1,2025-01-01,{i}" for i in range(1, 40))]))
    arguments = [str(raw), "--docs", str(tmp_path / "docs")]
    assert command.main(arguments) == 0
    assert command.main(arguments) == 0
    assert "nothing new to judge" in capsys.readouterr().out
    (raw / "orders.csv").unlink()
    (raw / "orders.parquet").write_bytes(b"")
    assert command.main(arguments) == 1


def test_tables_of_a_schema_are_judged_too(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(land.database)) as connection:
        connection.execute("create schema shop")
        connection.execute(f"create table shop.orders as from '{land.raw}/orders/*.parquet'")
        connection.execute(f"create table shop.refunds as from '{land.raw}/refunds.csv'")
    monkeypatch.setenv("RETENTION_RAW_SCHEMA", "shop")
    assert land.run() == 0
    with duckdb.connect(str(land.database)) as connection:
        connection.execute(
            "delete from shop.orders where _loaded_at >= '2025-03-12' and hash(order_id) % 4 > 0"
        )
    assert land.run() == 1
    assert "orders.volume" in land.unmet()


# ---------------------------------------------------------------- what is kept and shown


def test_history_survives_a_build_and_is_reported(land: Land, build: Builder) -> None:
    HALF.do(land)
    land.run("--accept", "orders.volume", "--reason", "stocktaking")
    database = land.directory / "build" / "warehouse.duckdb"
    database.parent.mkdir()
    shutil.move(land.database, database)
    select = "+rpt_batch_profiles +rpt_batch_verdicts"
    for _ in range(2):
        built = build(land.raw, select=select, database=database)
        assert built.success, built.failures
        [accepted] = built.rows(
            "select table_name, rule, accept_reason, is_stopping from marts.rpt_batch_verdicts where is_accepted"
        )
        assert accepted == {
            "table_name": "orders",
            "rule": "volume",
            "accept_reason": "stocktaking",
            "is_stopping": False,
        }
        [emails] = built.rows(
            "select min(null_share) as lowest, max(null_share) as highest, count(*) as batches "
            "from marts.rpt_batch_profiles where table_name = 'orders' and column_name = 'email'"
        )
        assert emails["batches"] == HISTORY_DAYS + 1
        assert 0 < emails["lowest"] < 0.05 < emails["highest"] < 0.15
        built.close()


def test_reports_are_empty_where_nothing_was_judged(land: Land, build: Builder) -> None:
    built = build(land.raw, select="+rpt_batch_profiles +rpt_batch_verdicts")
    assert built.success, built.failures
    assert built.rows("select * from marts.rpt_batch_verdicts") == []


def test_no_personal_data_is_kept(land: Land) -> None:
    kept = land.rows("select * from landing.batch_profiles where column_name in ('email', 'customer_id')")
    assert kept
    assert not [cell for row in kept for cell in row if "example.com" in str(cell) or str(cell)[:1] == "C"]


def test_data_docs_open_without_a_network(land: Land) -> None:
    HALF.do(land)
    land.run()
    pages = list(land.docs.rglob("*.html"))
    assert len(pages) == 2
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(src|href)=\"https?:", text)
    index = (land.docs / "index.html").read_text(encoding="utf-8")
    assert "critical: volume is " in index
    [linked] = re.findall(r'href="(validations/[^"]+)"', index)
    assert (land.docs / linked).is_file()


