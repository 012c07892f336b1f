"""Input as it comes: what is rejected and why, what stops a build, and what must simply work.

The expected reasons, counts and instants are written out by hand, from the contract.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from harness import (
    COMMANDS,
    DATABASE_NAME,
    Build,
    Builder,
    Project,
    environment,
    write_csv,
    write_parquet,
)

Cells = dict[str, str | None]


class Case(NamedTuple):
    """A raw row, as changes to a good one, and the reasons for which it is rejected."""

    reasons: str | None
    changes: Cells = {}


def succeeded(made: Build) -> Build:
    assert made.success, "\n".join(made.failures) or made.output
    return made


# ---------------------------------------------------------------- rejected rows


GOOD_ROWS: dict[str, Cells] = {
    "orders": {
        "order_id": None,
        "customer_id": "anna",
        "ordered_at": "2024-01-05 10:00:00",
        "subtotal_amount": "100",
        "discount_amount": "10",
        "refunded_amount": "0",
        "refunded_shipping_amount": "0",
        "refunded_tax_amount": "0",
        "shipping_amount": "5",
        "tax_amount": "19",
        "cost_amount": "40",
        "currency": "USD",
        "status": "completed",
        "loyalty_discount_amount": "0",
        "is_test": "false",
        "updated_at": "2024-01-06 00:00:00",
        "_loaded_at": "2024-01-07 00:00:00",
    },
    "customers": {
        "customer_id": None,
        "created_at": "2024-01-01 09:00:00",
        "birth_date": "1990-02-28",
        "country_code": "DE",
        "email_consent": "true",
        "sms_consent": "no",
        "push_consent": "0",
        "is_test": "false",
        "updated_at": "2024-01-06 00:00:00",
        "_loaded_at": "2024-01-07 00:00:00",
    },
    "loyalty_transactions": {
        "loyalty_transaction_id": None,
        "customer_id": "anna",
        "transaction_type": "earn",
        "points": "50",
        "occurred_at": "2024-01-05 10:00:00",
        "program_id": "stars",
        "available_at": "2024-01-05 10:00:00",
        "expires_at": "2025-01-05 10:00:00",
        "reward_type": None,
        "reward_cost": None,
        "updated_at": "2024-01-06 00:00:00",
        "_loaded_at": "2024-01-07 00:00:00",
    },
    "loyalty_programs": {
        "program_id": None,
        "program_name": "Stars",
        "program_type": "points",
        "point_value": "0.01",
        "points_expire_after_days": "365",
        "expected_redemption_rate": "0.8",
        "partner_cost_share": "0.5",
        "updated_at": "2024-01-06 00:00:00",
        "_loaded_at": "2024-01-07 00:00:00",
    },
}

KEYS = {
    "orders": "order_id",
    "customers": "customer_id",
    "loyalty_transactions": "loyalty_transaction_id",
    "loyalty_programs": "program_id",
}

CASES: dict[str, list[Case]] = {
    "orders": [
        # Good, each at a limit.
        Case(None),
        Case(None, {"subtotal_amount": "0", "discount_amount": "0"}),
        Case(None, {"discount_amount": "100"}),
        Case(None, {"refunded_amount": "90"}),
        Case(None, {"customer_id": None}),
        Case(None, {"status": " CANCELLED "}),
        Case(None, {"status": "\u3000Paid\u2003"}),
        # As databases and labels of shop systems have them.
        Case(None, {"status": "wc-processing"}),
        Case(None, {"status": "Awaiting Fulfillment"}),
        Case(None, {"ordered_at": "2024-01-08 00:00:00"}),
        # The second version stands: the newest is bad. Of a record that was never good, none does.
        Case(None, {"order_id": "versions", "subtotal_amount": "61"}),
        Case(None, {"order_id": "versions", "subtotal_amount": "62", "updated_at": "2024-02-01"}),
        Case(
            "negative_amount",
            {"order_id": "versions", "subtotal_amount": "-63", "discount_amount": None}
            | {"updated_at": "2024-02-02"},
        ),
        Case("unknown_status", {"order_id": "never good", "status": "lost"}),
        Case("unknown_status", {"order_id": "never good", "status": "beamed"}),
        # The load decides where the change does not; a row that came twice stands once.
        Case(None, {"order_id": "loads", "subtotal_amount": "71"}),
        Case(None, {"order_id": "loads", "subtotal_amount": "72", "_loaded_at": "2024-01-08"}),
        Case(None, {"order_id": "twice"}),
        Case(None, {"order_id": "twice"}),
        # Cells.
        Case("missing_order_id", {"order_id": None}),
        Case("missing_order_id", {"order_id": " \t\u00a0"}),
        Case("missing_order_id", {"order_id": "\u3000\u2009\u202f\u200b"}),
        Case("missing_ordered_at", {"ordered_at": None}),
        Case("missing_subtotal_amount", {"subtotal_amount": "  "}),
        Case("unparseable_ordered_at", {"ordered_at": "yesterday"}),
        Case("unparseable_ordered_at", {"ordered_at": "2024-02-30"}),
        Case("unparseable_ordered_at", {"ordered_at": "05/01/2024"}),
        Case("unparseable_ordered_at", {"ordered_at": "1704448953"}),
        Case("unparseable_ordered_at", {"ordered_at": "2024-01-05 10:00:00 Berlin"}),
        Case("unparseable_subtotal_amount", {"subtotal_amount": "12,50"}),
        Case("unparseable_subtotal_amount", {"subtotal_amount": "1e30"}),
        Case("unparseable_discount_amount", {"discount_amount": "n/a"}),
        Case("unparseable_refunded_amount", {"refunded_amount": "ten"}),
        Case("unparseable_refunded_shipping_amount", {"refunded_shipping_amount": "-"}),
        Case("unparseable_refunded_tax_amount", {"refunded_tax_amount": "1.2.3"}),
        Case("unparseable_shipping_amount", {"shipping_amount": "$5"}),
        Case("unparseable_tax_amount", {"tax_amount": "19%"}),
        Case("unparseable_cost_amount", {"cost_amount": "inf"}),
        Case("unparseable_loyalty_discount_amount", {"loyalty_discount_amount": "5 USD"}),
        Case("unparseable_is_test", {"is_test": "perhaps"}),
        Case("unparseable_updated_at", {"updated_at": "now"}),
        Case("unparseable__loaded_at", {"_loaded_at": "infinity"}),
        # Rules.
        Case("unknown_status", {"status": "teleported"}),
        Case("missing_exchange_rate", {"currency": "eur"}),
        Case("negative_amount", {"subtotal_amount": "-0.01", "discount_amount": "0"}),
        Case("negative_amount", {"cost_amount": "-1"}),
        Case("negative_amount", {"refunded_tax_amount": "-1"}),
        Case("discount_exceeds_subtotal", {"discount_amount": "100.0001"}),
        Case("refund_exceeds_order", {"refunded_amount": "90.01"}),
        Case("ordered_in_future", {"ordered_at": "2024-01-08 00:00:01"}),
        Case("ordered_in_future", {"ordered_at": "2999-01-01", "_loaded_at": None}),
        # Two at once.
        Case("missing_order_id,unknown_status", {"order_id": None, "status": "?"}),
        Case("missing_order_id,refund_exceeds_order", {"order_id": None, "refunded_amount": "91"}),
        Case("missing_order_id,missing_subtotal_amount", {"order_id": "", "subtotal_amount": ""}),
        Case("negative_amount,unparseable_ordered_at", {"tax_amount": "-1", "ordered_at": "soon"}),
        Case(
            "discount_exceeds_subtotal,refund_exceeds_order",
            {"discount_amount": "120", "refunded_amount": "5"},
        ),
        Case(
            "missing_exchange_rate,ordered_in_future",
            {"currency": "JPY", "ordered_at": "2030-01-01"},
        ),
    ],
    "customers": [
        Case(None, {"customer_id": "anna"}),
        Case(None, {"customer_id": "versions", "country_code": "AT"}),
        Case(
            None, {"customer_id": "versions", "country_code": "FR", "updated_at": "2024-02-01"}
        ),
        Case(
            "unparseable_created_at",
            {"customer_id": "versions", "country_code": "IT", "created_at": "2024-13-01"}
            | {"updated_at": "2024-02-02"},
        ),
        Case("missing_customer_id", {"customer_id": None}),
        Case("missing_customer_id", {"customer_id": "  "}),
        Case("unparseable_created_at", {"created_at": "last year"}),
        Case("unparseable_birth_date", {"birth_date": "1990-02-30"}),
        Case("unparseable_email_consent", {"email_consent": "maybe"}),
        Case("unparseable_sms_consent", {"sms_consent": "2"}),
        Case("unparseable_push_consent", {"push_consent": "?"}),
        Case("unparseable_is_test", {"is_test": "staff"}),
        Case("unparseable_updated_at", {"updated_at": "today"}),
        Case("unparseable__loaded_at", {"_loaded_at": "2024-01-07 25:00:00"}),
        Case(
            "missing_customer_id,unparseable_birth_date",
            {"customer_id": None, "birth_date": "unknown"},
        ),
    ],
    "loyalty_transactions": [
        Case(None),
        Case(None, {"transaction_type": " Adjust ", "points": "-5"}),
        Case(None, {"transaction_type": "adjust", "points": "0"}),
        Case(None, {"expires_at": "2024-01-05 10:00:00"}),
        Case(None, {"points": "0.5"}),
        # An experience may cost no points: the row says that it is one, or its programme does.
        Case(None, {"transaction_type": "redeem", "points": "0", "reward_type": "experiential"}),
        Case(None, {"transaction_type": "redeem", "points": "0", "program_id": "moments"}),
        Case(None, {"loyalty_transaction_id": "versions", "points": "81"}),
        Case(
            None,
            {"loyalty_transaction_id": "versions", "points": "82", "updated_at": "2024-02-01"},
        ),
        Case(
            "unknown_transaction_type",
            {"loyalty_transaction_id": "versions", "points": "83", "transaction_type": "gift"}
            | {"updated_at": "2024-02-02"},
        ),
        Case("missing_loyalty_transaction_id", {"loyalty_transaction_id": None}),
        Case("missing_customer_id", {"customer_id": None}),
        Case("missing_transaction_type", {"transaction_type": " "}),
        Case("missing_points", {"points": None}),
        Case("missing_occurred_at", {"occurred_at": None}),
        Case("unparseable_points", {"points": "many"}),
        Case("unparseable_occurred_at", {"occurred_at": "2023-02-29"}),
        Case("unparseable_available_at", {"available_at": "later"}),
        Case("unparseable_expires_at", {"expires_at": "never"}),
        Case("unparseable_reward_cost", {"reward_cost": "free"}),
        Case("unparseable_updated_at", {"updated_at": "?"}),
        Case("unparseable__loaded_at", {"_loaded_at": "?"}),
        Case("unknown_transaction_type", {"transaction_type": "transfer"}),
        Case("non_positive_points", {"points": "0"}),
        Case("non_positive_points", {"points": "-50"}),
        Case("non_positive_points", {"transaction_type": "redeem", "points": "0"}),
        Case(
            "non_positive_points",
            {"transaction_type": "redeem", "points": "-1", "program_id": "moments"},
        ),
        Case("negative_amount", {"transaction_type": "redeem", "reward_cost": "-3.5"}),
        Case("expires_before_earned", {"expires_at": "2024-01-05 09:59:59"}),
        Case(
            "expires_before_earned,non_positive_points",
            {"points": "0", "expires_at": "2023-12-31"},
        ),
        Case(
            "missing_points,unknown_transaction_type",
            {"points": None, "transaction_type": "transfer"},
        ),
    ],
    "loyalty_programs": [
        Case(None, {"program_id": "stars"}),
        Case(None, {"program_id": "moments", "program_type": " Experiential"}),
        Case(None, {"program_id": "versions", "program_name": "Old"}),
        Case(
            None, {"program_id": "versions", "program_name": "New", "updated_at": "2024-02-01"}
        ),
        Case(
            "unknown_program_type",
            {"program_id": "versions", "program_name": "Newest", "program_type": "raffle"}
            | {"updated_at": "2024-02-02"},
        ),
        Case("missing_program_id", {"program_id": None}),
        Case("unknown_program_type", {"program_type": "lottery"}),
        Case("unparseable_point_value", {"point_value": "one cent"}),
        Case("unparseable_points_expire_after_days", {"points_expire_after_days": "1.5"}),
        Case("unparseable_expected_redemption_rate", {"expected_redemption_rate": "80%"}),
        Case("unparseable_partner_cost_share", {"partner_cost_share": "half"}),
        Case("negative_amount", {"point_value": "-0.01"}),
        Case("unparseable_expected_redemption_rate", {"expected_redemption_rate": "80"}),
        Case("unparseable_updated_at", {"updated_at": "?"}),
        Case("unparseable__loaded_at", {"_loaded_at": "?"}),
        Case(
            "unknown_program_type,unparseable_point_value",
            {"program_type": "lottery", "point_value": "?"},
        ),
    ],
}

# Counted by hand in the lists above: raw, accepted, superseded, quarantined.
RECONCILIATION = {
    "orders": (57, 13, 3, 41),
    "customers": (15, 2, 1, 12),
    "loyalty_transactions": (31, 8, 1, 22),
    "loyalty_programs": (16, 3, 1, 12),
}

# Reasons that a rule gives; those of cells follow from the declared columns.
RULES = {
    "orders": {
        "unknown_status",
        "missing_exchange_rate",
        "negative_amount",
        "discount_exceeds_subtotal",
        "refund_exceeds_order",
        "ordered_in_future",
    },
    "customers": set(),
    "loyalty_transactions": {
        "unknown_transaction_type",
        "negative_amount",
        "non_positive_points",
        "expires_before_earned",
    },
    "loyalty_programs": {"unknown_program_type", "negative_amount"},
}


def case_row(table: str, number: int, case: Case) -> Cells:
    """The raw row of a case. `export_line` is declared nowhere: a row is kept whole."""
    row = GOOD_ROWS[table] | {KEYS[table]: f"case {number}"} | case.changes
    return row | {"export_line": str(number)}


def raw_rows(table: str) -> list[Cells]:
    return [case_row(table, number, case) for number, case in enumerate(CASES[table])]


def write_dirty_shop(directory: Path) -> None:
    """Customers as Parquet, the others as CSV."""
    for table in CASES:
        if table == "customers":
            write_parquet(directory / "customers.parquet", raw_rows(table))
        else:
            write_csv(directory / f"{table}.csv", raw_rows(table))


@pytest.fixture(scope="module")
def dirty(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """One build of one shop with a row of every kind that is rejected."""
    directory = tmp_path_factory.mktemp("dirty")
    write_dirty_shop(directory)
    return succeeded(build(directory, command="run"))


@pytest.mark.parametrize("table", CASES)
def test_each_row_is_rejected_for_its_reasons(table: str, dirty: Build) -> None:
    found = {
        json.loads(row["raw_row"])["export_line"]: row["rejection_reasons"]
        for row in dirty.rows(f"select raw_row, rejection_reasons from quarantine.{table}")
    }
    expected = {
        str(number): case.reasons for number, case in enumerate(CASES[table]) if case.reasons
    }
    assert found == expected


@pytest.mark.parametrize("table", CASES)
def test_the_cases_hold_every_reason_that_can_occur(table: str, project: Project) -> None:
    columns = project.manifest.sources[f"source.retention_warehouse.raw.{table}"].columns
    possible = set(RULES[table])
    for name, column in columns.items():
        if column.config.meta.get("required"):
            possible.add(f"missing_{name}")
        if column.data_type != "string":
            possible.add(f"unparseable_{name}")
    tried = {
        reason for case in CASES[table] if case.reasons for reason in case.reasons.split(",")
    }
    assert tried == possible


@pytest.mark.parametrize("table", CASES)
def test_a_quarantined_row_is_kept_whole(table: str, dirty: Build) -> None:
    """Every cell as it came, blanks and undeclared columns too."""
    rows = [json.loads(row["raw_row"]) for row in dirty.rows(f"select * from quarantine.{table}")]
    kept = {row["export_line"]: row for row in rows}
    # In a CSV file a cell of no characters is a NULL.
    rejected = {
        row["export_line"]: {name: cell or None for name, cell in row.items()}
        for row, case in zip(raw_rows(table), CASES[table], strict=True)
        if case.reasons
    }
    assert kept == rejected


def test_of_each_record_the_newest_good_version_stands(dirty: Build) -> None:
    orders = dirty.rows("select order_id, gross_sales from marts.fct_orders")
    assert {row["order_id"]: row["gross_sales"] for row in orders} == {
        "case 0": 100,
        "case 1": 0,
        "case 2": 100,
        "case 3": 100,
        "case 4": 100,
        "case 5": 100,
        "case 6": 100,
        "case 7": 100,
        "case 8": 100,
        "case 9": 100,
        "versions": 62,
        "loads": 72,
        "twice": 100,
    }
    customers = dirty.rows("select country_code from marts.dim_customers where not is_inferred")
    assert sorted(row["country_code"] for row in customers) == ["DE", "FR"]
    points = dirty.rows(
        "select points from marts.fct_loyalty_transactions "
        "where loyalty_transaction_id = 'versions'"
    )
    assert points == [{"points": 82}]
    names = dirty.rows(
        "select program_name from marts.dim_loyalty_programs where program_id = 'versions'"
    )
    assert names == [{"program_name": "New"}]


def test_every_raw_row_is_accounted_for(dirty: Build) -> None:
    found = {
        row["table_name"]: (
            row["raw_rows"],
            row["accepted_rows"],
            row["superseded_rows"],
            row["quarantined_rows"],
        )
        for row in dirty.rows("select * from marts.rpt_load_reconciliation")
        if row["table_name"] in CASES
    }
    assert found == RECONCILIATION


def names_of_tables(made: Build, *schemas: str) -> list[str]:
    rows = made.rows(
        "select table_schema || '.' || table_name as name from information_schema.tables"
    )
    return sorted(row["name"] for row in rows if row["name"].split(".")[0] in schemas)


def rows_of(made: Build, table: str) -> Counter[str]:
    return Counter(map(str, made.rows(f"select * from {table}")))


def load_raw_schema(database: Path, scratch: Path) -> None:
    """The dirty shop as tables of a schema, in the database that will be built."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema raw_zone")
        for table in CASES:
            write_parquet(scratch / f"{table}.parquet", raw_rows(table))
            connection.execute(
                f"create table raw_zone.{table} as from '{scratch / table}.parquet'"
            )


def test_a_view_of_raw_text_is_short_enough_for_a_metastore(dirty: Build) -> None:
    """Hive's on Derby, which Spark brings along, keeps so many characters of one."""
    views = dirty.rows("select view_name, length(sql) as characters from duckdb_views() where schema_name = 'conformed'")
    assert "orders" in {view["view_name"] for view in views}
    assert [view for view in views if view["characters"] > 32_700] == []


def test_raw_tables_in_a_schema_give_the_marts_that_files_give(
    build: Builder, dirty: Build, tmp_path: Path
) -> None:
    database = tmp_path / DATABASE_NAME
    load_raw_schema(database, tmp_path)
    with environment(RETENTION_RAW_SCHEMA="raw_zone"):
        made = succeeded(build(tmp_path / "nothing", command="run", database=database))
    tables = names_of_tables(dirty, "marts", "quarantine")
    assert tables == names_of_tables(made, "marts", "quarantine")
    # A cell of no characters is NULL in a CSV file and '' in a table: raw_row shows it.
    different = [
        table
        for table in tables
        if table.startswith("marts.") and rows_of(made, table) != rows_of(dirty, table)
    ]
    assert not different


# ---------------------------------------------------------------- faults that stop a build


HEADER = "order_id,customer_id,ordered_at,subtotal_amount\n"
LINE = "1,anna,2024-01-05 10:00:00,10\n"


class Fault(NamedTuple):
    """Files that cannot be built from, and what the message must say. {raw} is their directory."""

    files: Mapping[str, str | bytes]
    said: Sequence[str]


def parquet_bytes(scratch: Path) -> bytes:
    rows = [{"order_id": str(number), "customer_id": "anna"} for number in range(500)]
    write_parquet(scratch / "whole.parquet", rows)
    return (scratch / "whole.parquet").read_bytes()



FAULTS: dict[str, Fault] = {
    "missing_column": Fault(
        {"orders.csv": "order_id,ordered_at,subtotal_amount\n1,2024-01-05,10\n"},
        ["Raw table orders lacks customer_id in {raw}/orders.csv", "It has: order_id,"],
    ),
    "missing_columns": Fault(
        {"orders/a.csv": "order_id,customer_id\n1,anna\n"},
        ["Raw table orders lacks ordered_at, subtotal_amount in {raw}/orders/"],
    ),
    "too_few_cells": Fault(
        {"orders.csv": HEADER + LINE + "2,anna,2024-01-05\n" + LINE},
        ["Raw table orders: line 3 of {raw}/orders.csv does not fit its header", "2,anna,2024"],
    ),
    "too_many_cells": Fault(
        {"orders.csv": HEADER + LINE * 4000 + "2,anna,2024-01-05,10,11\n" + LINE},
        ["Raw table orders: line 4002 of {raw}/orders.csv does not fit its header"],
    ),
    "torn_file_of_a_folder": Fault(
        {"orders/day=1/a.csv": HEADER + LINE, "orders/day=2/b.csv": HEADER + LINE + "2,an"},
        ["Raw table orders: line 3 of {raw}/orders/day=2/b.csv does not fit its header"],
    ),
    "torn_optional_table": Fault(
        {"orders.csv": HEADER + LINE, "customers.csv": "customer_id,email\nanna\n"},
        ["Raw table customers: line 2 of {raw}/customers.csv does not fit its header"],
    ),
    "unterminated_quote": Fault(
        {"orders.csv": HEADER + LINE + '2,"anna,2024-01-05,10\n' + LINE},
        ["Raw table orders: line 3 of {raw}/orders.csv cannot be read", "unterminated quote"],
    ),
    "latin_1": Fault(
        {"orders.csv": (HEADER + LINE + "2,J\u00fcrgen,2024-01-05,10\n").encode("latin-1")},
        ["Raw table orders: line 3 of {raw}/orders.csv cannot be read", "not utf-8"],
    ),
    "utf_16": Fault(
        {"orders.csv": (HEADER + LINE).encode("utf-16")},
        ["orders", "{raw}/orders.csv"],
    ),
    "column_twice": Fault(
        {"orders.csv": HEADER.replace("\n", ",Order_ID \n") + "1,anna,2024-01-05,10,2\n"},
        ["Raw table orders: {raw}/orders.csv names column order_id twice"],
    ),
    "no_bytes": Fault(
        {"orders.csv": ""},
        ["Raw table orders: {raw}/orders.csv has no header line"],
    ),
    "blank_first_line": Fault(
        {"orders.csv": "\n" + HEADER + LINE},
        ["Raw table orders: {raw}/orders.csv has no header line"],
    ),
    "no_bytes_in_a_folder": Fault(
        {"orders/a.csv": HEADER + LINE, "orders/b.csv": ""},
        ["Raw table orders: {raw}/orders/b.csv has no header line"],
    ),
    "no_header": Fault(
        {"orders.csv": LINE * 2},
        ["Raw table orders lacks order_id, customer_id, ordered_at, subtotal_amount", "orders.csv"],
    ),
    "csv_and_parquet": Fault(
        {"orders.csv": HEADER, "orders.parquet": b"PAR1"},
        ["Raw table orders has two homes: {raw}/orders.parquet and {raw}/orders.csv."],
    ),
    "file_and_folder": Fault(
        {"orders.csv": HEADER, "orders/a.csv": HEADER},
        ["Raw table orders has two homes: {raw}/orders.csv and {raw}/orders/"],
    ),
    "folder_of_two_kinds": Fault(
        {"orders/a.csv": HEADER, "orders/b.csv.gz": gzip.compress(HEADER.encode())},
        ["Raw table orders has two homes: {raw}/orders/", "*.csv and {raw}/orders/", "*.csv.gz."],
    ),
    "empty_directory": Fault(
        {},
        ["No raw table orders in {raw}:", "RETENTION_RAW_DIR"],
    ),
    "orders_alone_are_absent": Fault(
        {"customers.csv": "customer_id\nanna\n"},
        ["No raw table orders in {raw}:", "RETENTION_RAW_DIR"],
    ),
    # DuckDB's own words: they name the file, and its name or folder is that of the table.
    "parquet_of_garbage": Fault(
        {"orders.parquet": b"this was a Parquet file once\n" * 20},
        ["{raw}/orders.parquet"],
    ),
    "parquet_without_bytes": Fault({"orders.parquet": b""}, ["{raw}/orders.parquet"]),
    "gzip_of_garbage": Fault({"orders.csv.gz": HEADER + LINE}, ["{raw}/orders.csv.gz"]),
}


def write_files(directory: Path, files: Mapping[str, str | bytes]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def assert_stops(build: Builder, raw: Path, said: Sequence[str]) -> None:
    """One message that says what is wrong where, before anything is built."""
    made = build(raw, command="run", select="order_statuses")
    assert not made.success, "the build went on"
    assert len(made.failures) == 1, made.failures
    message = " ".join(made.failures[0].split())
    for words in said:
        assert words.format(raw=raw) in message, message
    assert made.output.count("Encountered an error") == 1, made.output
    assert "Traceback" not in made.output, made.output
    assert "START seed" not in made.output, made.output


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_stops_the_build_with_one_message(
    name: str, build: Builder, tmp_path: Path
) -> None:
    write_files(tmp_path / "raw", FAULTS[name].files)
    assert_stops(build, tmp_path / "raw", FAULTS[name].said)


@pytest.mark.parametrize("home", ["orders.parquet", "orders/part-1.parquet"])
def test_a_parquet_file_without_its_tail_stops_the_build(
    home: str, build: Builder, tmp_path: Path
) -> None:
    write_files(tmp_path / "raw", {home: parquet_bytes(tmp_path)[:-40]})
    assert_stops(build, tmp_path / "raw", [f"{{raw}}/{home}"])


def gzip_bytes() -> bytes:
    """Lines of different length, so that a tail of few bytes ends anywhere in one."""
    lines = (f"{n},c{n**2 % 997},2024-01-05,{n**3 % 9973}\n" for n in range(3000))
    return gzip.compress((HEADER + "".join(lines)).encode(), mtime=0)


# A gzip file ends with 8 bytes of checksum and length. Of more than these some data are gone: a piece of the last
# line, which may still fit, or all of it.
@pytest.mark.parametrize("gone", [1, 4, 9, 10, 11, 12, 2000])
def test_a_gzip_file_without_its_tail_stops_the_build(
    gone: int, build: Builder, tmp_path: Path
) -> None:
    write_files(tmp_path / "raw", {"orders.csv.gz": gzip_bytes()[:-gone]})
    assert_stops(build, tmp_path / "raw", ["Raw table orders: ", "{raw}/orders.csv.gz"])


def test_a_gzip_file_of_several_streams_is_whole(build: Builder, tmp_path: Path) -> None:
    streams = gzip_bytes() + gzip.compress(LINE.encode()) + gzip.compress(b"")
    write_files(tmp_path, {"orders.csv.gz": streams})
    made = succeeded(build(tmp_path, command="run", select="order_statuses"))
    assert made.rows("select count(*) as count from raw_text.orders") == [{"count": 3001}]


def test_a_directory_that_does_not_exist_stops_the_build(build: Builder, tmp_path: Path) -> None:
    assert_stops(build, tmp_path / "no such directory", ["No raw table orders in {raw}:"])


def test_a_schema_without_orders_stops_the_build(build: Builder, tmp_path: Path) -> None:
    with environment(RETENTION_RAW_SCHEMA="no_such_schema"):
        said = ["No raw table orders in no_such_schema:", "RETENTION_RAW_SCHEMA"]
        assert_stops(build, tmp_path, said)


# ---------------------------------------------------------------- input that must work


def test_a_header_without_rows_makes_every_mart_without_rows(
    build: Builder, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"orders.csv": HEADER})
    # Unit tests read no input.
    monkeypatch.setitem(COMMANDS, "data", ["build", "--exclude-resource-type", "unit_test"])
    made = succeeded(build(tmp_path, command="data"))
    marts = [
        f"{node.schema}.{node.alias}"
        for node in project.manifest.nodes.values()
        if node.resource_type == "model" and node.fqn[1] == "marts"
    ]
    assert names_of_tables(made, "marts") == sorted(marts)
    counts = {
        mart: made.rows(f"select count(*) as count from {mart}")[0]["count"] for mart in marts
    }
    filled = {mart: count for mart, count in counts.items() if count}
    assert list(filled) == ["marts.rpt_load_reconciliation"]
    reconciliation = made.rows("select * exclude (table_name) from marts.rpt_load_reconciliation")
    assert {count for row in reconciliation for count in row.values()} == {0}


def test_amounts_that_no_mart_can_hold_are_rejected(build: Builder, tmp_path: Path) -> None:
    """A rate the wrong way round, and numbers of another column."""
    write_files(
        tmp_path,
        {
            "orders.csv": "order_id,customer_id,ordered_at,subtotal_amount,currency\n"
            "good,anna,2024-01-05,9000000000000,USD\n"
            "barcode,anna,2024-01-05,98765432109876,USD\n"
            "inverse,anna,2024-01-05,90000000000,IDR\n"
            "credit,anna,2024-01-05,-90000000000,IDR\n",
            "exchange_rates.csv": "rate_date,currency,rate_to_reporting\n2024-01-01,IDR,15500\n",
            "refunds.csv": "refund_id,order_id,refunded_at,refund_amount,refunded_tax_amount\n"
            "good,good,2024-01-06,1,2\n"
            "barcode,good,2024-01-07,1,98765432109876\n"
            "larger,good,2024-01-08,100000000000000,0\n",
        },
    )
    select = "+rpt_sales_bridge +quarantine_orders +quarantine_refunds"
    made = succeeded(build(tmp_path, command="run", select=select))

    def rejected(table: str, key: str) -> dict[str, str]:
        rows = made.rows(f"select {key}, rejection_reasons from quarantine.{table}")
        return {row[key]: row["rejection_reasons"] for row in rows}

    assert rejected("orders", "order_id") == {
        "barcode": "unparseable_subtotal_amount",
        "inverse": "unparseable_subtotal_amount",
        "credit": "negative_amount",
    }
    assert rejected("refunds", "refund_id") == {
        "barcode": "unparseable_refunded_tax_amount",
        "larger": "unparseable_refund_amount",
    }
    assert made.rows("select order_id, net_sales from marts.fct_orders") == [
        {"order_id": "good", "net_sales": Decimal("8999999999999")}
    ]
    amounts = made.rows(
        "select step, orders, amount from marts.rpt_sales_bridge "
        "where period_grain = 'year' and step in ('raw_gross_sales', 'quarantined')"
    )
    assert {row["step"]: (row["orders"], row["amount"]) for row in amounts} == {
        "raw_gross_sales": (4, 9000000000000),
        "quarantined": (-3, 0),
    }


class Stamp(NamedTuple):
    """A timestamp as text, the instant in UTC that it means, and its day in New York."""

    text: str
    instant: datetime
    day: date


# raw_timezone is Asia/Kolkata (5 h 30 min ahead), reporting_timezone America/New_York.
STAMPS = [
    # with an offset
    Stamp("2024-01-05 10:22:33 -0500", datetime(2024, 1, 5, 15, 22, 33), date(2024, 1, 5)),
    Stamp("2024-01-05 10:22:33 +0200", datetime(2024, 1, 5, 8, 22, 33), date(2024, 1, 5)),
    Stamp("2024-01-05 10:22:33+0200", datetime(2024, 1, 5, 8, 22, 33), date(2024, 1, 5)),
    Stamp("2024-01-05T10:22:33+02:00", datetime(2024, 1, 5, 8, 22, 33), date(2024, 1, 5)),
    Stamp("2024-01-05 10:22:33-05", datetime(2024, 1, 5, 15, 22, 33), date(2024, 1, 5)),
    Stamp("2024-01-05T10:22:33Z", datetime(2024, 1, 5, 10, 22, 33), date(2024, 1, 5)),
    Stamp("2024-01-05 10:22:33Z", datetime(2024, 1, 5, 10, 22, 33), date(2024, 1, 5)),
    Stamp("2024-01-05 10:22:33 UTC", datetime(2024, 1, 5, 10, 22, 33), date(2024, 1, 5)),
    Stamp("2024-01-05T10:22:33.5Z", datetime(2024, 1, 5, 10, 22, 33, 500000), date(2024, 1, 5)),
    Stamp("2024-01-05T02:00:00Z", datetime(2024, 1, 5, 2), date(2024, 1, 4)),
    Stamp("2024-01-05 23:30:00 -0500", datetime(2024, 1, 6, 4, 30), date(2024, 1, 5)),
    Stamp("2024-01-05T00:30:00+14:00", datetime(2024, 1, 4, 10, 30), date(2024, 1, 4)),
    # with an offset and without seconds, as browsers and many exports write it
    Stamp("2024-01-05T10:22Z", datetime(2024, 1, 5, 10, 22), date(2024, 1, 5)),
    Stamp("2024-01-05 10:22 -0500", datetime(2024, 1, 5, 15, 22), date(2024, 1, 5)),
    # without one
    Stamp("2024-01-05 10:22:33", datetime(2024, 1, 5, 4, 52, 33), date(2024, 1, 4)),
    Stamp("2024-01-05T10:22:33", datetime(2024, 1, 5, 4, 52, 33), date(2024, 1, 4)),
    Stamp("2024-01-05 10:22", datetime(2024, 1, 5, 4, 52), date(2024, 1, 4)),
    Stamp("2024-01-05T00:00:00", datetime(2024, 1, 4, 18, 30), date(2024, 1, 4)),
    # a bare date, in winter, on the days when clocks change, and in summer
    Stamp("2024-01-05", datetime(2024, 1, 5, 5), date(2024, 1, 5)),
    Stamp(" 2024-01-05\t", datetime(2024, 1, 5, 5), date(2024, 1, 5)),
    Stamp("2024-03-10", datetime(2024, 3, 10, 5), date(2024, 3, 10)),
    Stamp("2024-03-11", datetime(2024, 3, 11, 4), date(2024, 3, 11)),
    Stamp("2024-11-03", datetime(2024, 11, 3, 4), date(2024, 11, 3)),
    Stamp("2024-07-01", datetime(2024, 7, 1, 4), date(2024, 7, 1)),
]


# The same column has another type in each file of a folder.
STAMPS_OF_FILES = {
    "date": Stamp("2024-01-05", datetime(2024, 1, 5, 5), date(2024, 1, 5)),
    "timestamp": Stamp("2024-01-05 10:22:33", datetime(2024, 1, 5, 4, 52, 33), date(2024, 1, 4)),
    "timestamp_ns": Stamp("2024-01-05 10:22:33", datetime(2024, 1, 5, 4, 52, 33), date(2024, 1, 4)),
    "timestamptz": Stamp("2024-01-05 10:22:33+00", datetime(2024, 1, 5, 10, 22, 33), date(2024, 1, 5)),
}


def write_timed_shop(directory: Path) -> None:
    """Text stamps in a CSV of the four columns alone, typed stamps in Parquet."""
    write_csv(
        directory / "orders.csv",
        [
            {
                "order_id": str(number),
                "customer_id": "anna",
                "ordered_at": stamp.text,
                "subtotal_amount": "10",
            }
            for number, stamp in enumerate(STAMPS)
        ],
    )
    write_parquet(
        directory / "customers.parquet",
        [
            {
                "customer_id": "anna",
                "created_at": "2024-01-05 10:22:33+05:30",
                "birth_date": "1990-02-28",
            }
        ],
        types={"created_at": "timestamptz", "birth_date": "timestamp"},
    )
    write_parquet(
        directory / "loyalty_transactions.parquet",
        [
            {
                "loyalty_transaction_id": "1",
                "customer_id": "anna",
                "transaction_type": "earn",
                "points": "5",
                "occurred_at": "2024-01-05 10:00:00",
                "available_at": "2024-01-06 10:00:00.123456789",
                "expires_at": "2024-07-01",
            }
        ],
        types={"occurred_at": "timestamp", "available_at": "timestamp_ns", "expires_at": "date"},
    )
    for number, (data_type, stamp) in enumerate(STAMPS_OF_FILES.items()):
        write_parquet(
            directory / "refunds" / f"{number}.parquet",
            [
                {
                    "refund_id": data_type,
                    "order_id": str(number),
                    "refunded_at": stamp.text,
                    "refund_amount": "0",
                }
            ],
            types={"refunded_at": data_type},
        )


@pytest.fixture(scope="module")
def timed(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Build:
    directory = tmp_path_factory.mktemp("timed")
    write_timed_shop(directory)
    return succeeded(
        build(
            directory,
            command="run",
            select="+fct_orders +quarantine_orders +dim_customers +fct_loyalty_transactions +fct_refunds",
            vars={"raw_timezone": "Asia/Kolkata", "reporting_timezone": "America/New_York"},
        )
    )


def test_timestamps_as_text_mean_one_instant(timed: Build) -> None:
    found = {
        row["order_id"]: (row["ordered_at"], row["order_date"])
        for row in timed.rows("select order_id, ordered_at, order_date from marts.fct_orders")
    }
    wrong = {
        stamp.text: found.get(str(number), "rejected")
        for number, stamp in enumerate(STAMPS)
        if found.get(str(number)) != (stamp.instant, stamp.day)
    }
    assert not wrong


def test_dates_and_timestamps_of_one_column_mean_what_each_file_says(timed: Build) -> None:
    found = timed.rows("select refund_id, refunded_at, refund_date from marts.fct_refunds")
    assert {row["refund_id"]: (row["refunded_at"], row["refund_date"]) for row in found} == {
        data_type: (stamp.instant, stamp.day) for data_type, stamp in STAMPS_OF_FILES.items()
    }


def test_four_columns_suffice(timed: Build) -> None:
    """What the others default to."""
    columns = "status, currency, is_counted, is_guest, is_test, discounts, returns, shipping, cost"
    assert timed.rows(f"select distinct {columns}, net_sales from marts.fct_orders") == [
        {
            "status": "completed",
            "currency": "USD",
            "is_counted": True,
            "is_guest": False,
            "is_test": False,
            "discounts": 0,
            "returns": 0,
            "shipping": 0,
            "cost": None,
            "net_sales": 10,
        }
    ]


def test_typed_timestamps_mean_one_instant(timed: Build) -> None:
    customers = timed.rows("select created_at from marts.dim_customers")
    assert customers == [{"created_at": datetime(2024, 1, 5, 4, 52, 33)}]
    columns = "occurred_at, occurred_date, available_at, expires_at"
    assert timed.rows(f"select {columns} from marts.fct_loyalty_transactions") == [
        {
            "occurred_at": datetime(2024, 1, 5, 4, 30),
            "occurred_date": date(2024, 1, 4),
            "available_at": datetime(2024, 1, 6, 4, 30, 0, 123456),
            "expires_at": datetime(2024, 7, 1, 4),
        }
    ]


def test_a_date_that_was_saved_as_a_timestamp_is_that_date(timed: Build) -> None:
    """As pandas saves it: no zone moves a birthday."""
    birthdays = timed.rows("select birth_date from staging.stg_customers")
    assert birthdays == [{"birth_date": date(1990, 2, 28)}]


# A folder of files that agree on nothing but their columns' names.
FOLDER = {
    "orders/country=US/semicolon.csv": (
        'ORDER_ID;" Customer_Id ";ordered_at;subtotal_amount;note\n'
        's1;anna;2024-01-05;"33.333";"two\nlines; and a ""quote"""\n'
        "s2;ben;2024-01-06;1.00005;\n"
    ),
    "orders/country=US/bom.csv": (
        '\ufeff"order_id","customer_id","ordered_at","subtotal_amount","note"\r\n'
        "b1,anna,2024-01-07,20,\r\n"
        # A cell's line break is not that of the lines.
        '"b2","ben","2024-01-08","30.10","two\nlines"\r\n'
    ),
    "orders/country=DE/month=01/tabs.csv": (
        "subtotal_amount\tordered_at\tstatus\tcurrency\tdiscount_amount\tsales_channel"
        "\tcustomer_id\torder_id\n"
        '40\t2024-01-09\t   \t\u00a0\t\t"\t Web\u00a0"\t\u00a0anna \tt1\n'
        "40\t2024-01-10\t Paid\tusd\t 4 \t\t \tt2\n"
        "40\t2024-01-11\tlost\tusd\t4\t\tben\tt3\n"
    ),
    "orders/country=DE/month=02/no line end.csv": HEADER + "n1,ben,2024-02-01,50",
    "orders/country=DE/month=03/nothing new.csv": HEADER,
    "orders/_SUCCESS": "",
    "orders/country=DE/.tabs.csv.crc": b"\x00\xff",
    "orders_2023.csv": "an old export that nobody asked for\n",
    "orders/country=DE/month=03/read me.txt": "",
    "refunds.CSV": "",
    "somewhere else/refunds.csv": "",
    # As Spark writes it.
    "customers.csv/_SUCCESS": "",
    "customers.csv/part-00000.csv.gz": gzip.compress(
        b"customer_id|country_code\r\nanna|US\r\n\r\nben| DE \r\n\r\n"
    ),
}


@pytest.fixture(scope="module")
def folder(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Build:
    # An apostrophe in the path, as home directories have it.
    directory = tmp_path_factory.mktemp("folder") / "Ann's shop"
    write_files(directory, FOLDER)
    return succeeded(
        build(directory, command="run", select="+fct_orders +quarantine_orders +dim_customers")
    )


def test_files_of_a_folder_may_differ_in_everything_but_names(folder: Build) -> None:
    columns = "order_id, customer_id, order_date, gross_sales, discounts, status, sales_channel"
    found = folder.rows(f"select {columns} from marts.fct_orders order by order_date")
    assert [tuple(row.values()) for row in found] == [
        ("s1", "anna", date(2024, 1, 5), Decimal("33.333"), 0, "completed", None),
        ("s2", "ben", date(2024, 1, 6), Decimal("1.0001"), 0, "completed", None),
        ("b1", "anna", date(2024, 1, 7), 20, 0, "completed", None),
        ("b2", "ben", date(2024, 1, 8), Decimal("30.1"), 0, "completed", None),
        ("t1", "anna", date(2024, 1, 9), 40, 0, "completed", "web"),
        ("t2", None, date(2024, 1, 10), 40, 4, "paid", None),
        ("n1", "ben", date(2024, 2, 1), 50, 0, "completed", None),
    ]


def test_files_that_no_table_takes_are_named(folder: Build) -> None:
    (named,) = [line for line in folder.output.splitlines() if line.startswith("Not read in ")]
    *_, names = named.partition("Ann's shop: ")
    assert names == (
        "orders/country=DE/month=03/read me.txt, orders_2023.csv, refunds.CSV. `make doctor` says why."
    )


def test_a_gzipped_file_with_blank_lines_is_read(folder: Build) -> None:
    customers = folder.rows(
        "select customer_id, country_code, is_inferred from marts.dim_customers order by 1"
    )
    assert [tuple(row.values()) for row in customers] == [
        ("anna", "US", False),
        ("ben", "DE", False),
    ]


def test_a_row_of_a_partition_keeps_the_values_of_its_path(folder: Build) -> None:
    rows = folder.rows("select rejection_reasons, raw_row from quarantine.orders")
    assert [row["rejection_reasons"] for row in rows] == ["unknown_status"]
    kept = json.loads(rows[0]["raw_row"])
    assert (kept["order_id"], kept["country"], kept["month"]) == ("t3", "DE", "01")
    # Columns that only the other files have.
    assert kept["note"] is None


def test_a_line_break_inside_quotes_is_part_of_the_cell(folder: Build) -> None:
    notes = folder.rows(
        "select order_id, note from raw_text.orders where order_id in ('s1', 'b2') order by 1"
    )
    assert notes == [
        {"order_id": "b2", "note": "two\nlines"},
        {"order_id": "s1", "note": 'two\nlines; and a "quote"'},
    ]


FLOATS = [
    {"ORDER_ID": "1", "Customer_Id": "12345", "SUBTOTAL_AMOUNT": "12.345", "IS_TEST": "0"},
    {"ORDER_ID": "2", "Customer_Id": "7", "SUBTOTAL_AMOUNT": "0.30000000000000004"},
    {"ORDER_ID": "3", "Customer_Id": "1.5", "SUBTOTAL_AMOUNT": "99.99995", "IS_TEST": "1"},
    {"ORDER_ID": "1e17", "Customer_Id": "nan", "SUBTOTAL_AMOUNT": "5"},
    {"ORDER_ID": "4", "Customer_Id": "7", "SUBTOTAL_AMOUNT": "nan"},
    {"ORDER_ID": "nan", "Customer_Id": "7", "SUBTOTAL_AMOUNT": "inf"},
]


def write_float_shop(directory: Path) -> None:
    """Numbers as floats everywhere, as data frames with a gap in a column save them."""
    constant = {"ordered_at": "2024-01-05", "discount_amount": "nan", "cost_amount": "nan"}
    types = {"ordered_at": "date", "IS_TEST": "integer"} | dict.fromkeys(
        ["ORDER_ID", "Customer_Id", "SUBTOTAL_AMOUNT", "discount_amount", "cost_amount"], "double"
    )
    write_parquet(directory / "orders.parquet", [row | constant for row in FLOATS], types=types)
    write_csv(
        directory / "customers.csv",
        [{"customer_id": "12345.0"}, {"customer_id": " 7.00"}, {"customer_id": "1.5"}],
    )
    write_parquet(
        directory / "loyalty_transactions/part-0.parquet",
        [
            {
                "loyalty_transaction_id": "1",
                "customer_id": "12345",
                "order_id": "1",
                "transaction_type": "earn",
                # In four bytes, 100000.296875.
                "points": "100000.3",
                "occurred_at": "2024-01-05",
                "program_id": "9",
            }
        ],
        types={"customer_id": "bigint", "order_id": "decimal(10, 2)", "points": "float"}
        | {"occurred_at": "date", "program_id": "float"},
    )


@pytest.fixture(scope="module")
def floats(build: Builder, tmp_path_factory: pytest.TempPathFactory) -> Build:
    directory = tmp_path_factory.mktemp("floats")
    write_float_shop(directory)
    return succeeded(
        build(
            directory,
            command="run",
            select="+fct_orders +quarantine_orders +dim_customers +fct_loyalty_transactions",
        )
    )


def test_a_float_id_is_the_id_that_others_write_as_text(floats: Build) -> None:
    customers = floats.rows("select customer_id, is_inferred, orders from marts.dim_customers")
    # The order of 1.5 is a test.
    assert {row["customer_id"]: (row["is_inferred"], row["orders"]) for row in customers} == {
        "12345": (False, 1),
        "7": (False, 1),
        "1.5": (False, 0),
    }
    columns = "customer_id, order_id, program_id"
    assert floats.rows(f"select {columns} from marts.fct_loyalty_transactions") == [
        {"customer_id": "12345", "order_id": "1", "program_id": "9"}
    ]


def test_money_as_a_float_has_four_places_and_nan_is_blank(floats: Build) -> None:
    columns = "order_id, customer_id, gross_sales, discounts, cost, is_test"
    found = floats.rows(f"select {columns} from marts.fct_orders order by length(order_id), 1")
    assert [tuple(row.values()) for row in found] == [
        ("1", "12345", Decimal("12.345"), 0, None, False),
        ("2", "7", Decimal("0.3"), 0, None, False),
        ("3", "1.5", 100, 0, None, True),
        ("100000000000000000", None, 5, 0, None, False),
    ]
    rejected = floats.rows("select order_id, rejection_reasons from quarantine.orders order by 1")
    assert [tuple(row.values()) for row in rejected] == [
        ("4", "missing_subtotal_amount"),
        (None, "missing_order_id,unparseable_subtotal_amount"),
    ]
    points = floats.rows("select points from marts.fct_loyalty_transactions")
    assert points == [{"points": Decimal("100000.2969")}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("as_of_date", "31.05.2026"),
        ("as_of_date", "2024-02-30"),
        ("raw_timezone", "Mars/Phobos"),
        ("reporting_timezone", "Berlin"),
        ("reporting_currency", "euro"),
        ("period_grains", ["week", "week"]),
        ("point_value", "0.01 USD"),
        ("expected_lifespan_years", 0),
        ("gross_margin_rate", "40 %"),
        ("period_grains", ["day"]),
        ("segments", "country_code"),
        ("segments", ["country"]),
        ("churn_after_days", "ninety"),
        ("at_risk_after_days", -1),
        ("rolling_bucket_days", [7, 0]),
        ("rolling_bucket_days", 7),
        ("sparse_customers", "few"),
        ("churn_percentile", 80),
        ("churn_interval_multiplier", 0),
        ("churn_interval_ceiling_days", 7),
        ("at_risk_interval_share", 50),
        ("fiscal_year_start_month", 13),
        ("week_start", "someday"),
    ],
)
def test_a_var_without_sense_stops_the_run(
    build: Builder, tmp_path: Path, name: str, value: object
) -> None:
    write_files(tmp_path, {"orders.csv": HEADER + LINE})
    made = build(tmp_path, vars={name: value}, command="run", select="+dim_dates")
    assert not made.success
    assert f"var {name} is '{value}'" in " ".join(made.failures[0].split())
