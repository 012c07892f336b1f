"""The demo shop keeps its promises: reproducible, complete, sound but for the dirt it lists, and with known truths."""

import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))  # pytest does not put the project's root there

from demo.parameters import Parameters  # noqa: E402
from demo.shop import RAW_TABLES, SHOP_STEPS, Shop  # noqa: E402
from harness import Build, Builder  # noqa: E402

SMALL = Parameters(customers=1_200, years=2.5, end_date=date(2026, 6, 30), seed=42)

DECLARATION = yaml.safe_load((PROJECT / "models/staging/_raw__sources.yml").read_text())
DECLARED_COLUMNS = {
    table["name"]: [column["name"] for column in table["columns"]] for table in DECLARATION["sources"][0]["tables"]
}

# Every reason the contract lists but unparseable_ and missing_, which come per column.
REJECTION_REASONS = {
    "unknown_status", "unknown_transaction_type", "unknown_program_type", "unknown_event_type", "unknown_channel",
    "negative_amount", "discount_exceeds_subtotal", "refund_exceeds_order", "unknown_order", "alias_cycle",
    "missing_exchange_rate", "invalid_score", "non_positive_points", "non_positive_quantity",
    "expires_before_earned", "ordered_in_future",
}  # fmt: skip

# The raw tables that models read so far.
READ_TABLES = [
    "orders", "customers", "customer_aliases", "exchange_rates", "refunds", "order_items", "loyalty_transactions",
    "loyalty_programs", "loyalty_memberships", "redemption_estimates",
]
KEYS = {table["name"]: table["config"]["meta"]["key"] for table in DECLARATION["sources"][0]["tables"]}

# What no good row may do. Each query counts offences.
RULES = {
    "order ids are unique": "select count(*) - count(distinct order_id) from good_orders",
    "item keys are unique": "select count(*) - count(distinct (order_id, line_number)) from good_order_items",
    "ledger ids are unique":
        "select count(*) - count(distinct loyalty_transaction_id) from good_loyalty_transactions",
    "event ids are unique": "select count(*) - count(distinct event_id) from good_campaign_events",
    "membership ids are unique":
        "select count(*) - count(distinct membership_event_id) from good_loyalty_memberships",
    "customer ids are unique": "select count(*) - count(distinct customer_id) from good_customers",
    "no discount above the goods": "select count(*) from good_orders where discount_amount > subtotal_amount",
    "points are a part of the discount":
        "select count(*) from good_orders where loyalty_discount_amount > discount_amount",
    "no refund above what was paid":
        "select count(*) from good_orders where refunded_amount > subtotal_amount - discount_amount",
    "no refund rows above what was paid": """
        select count(*)
        from (select order_id, sum(refund_amount) as refunded from good_refunds group by 1) as refunds
        left join good_orders as orders on orders.order_id = refunds.order_id
        where orders.order_id is null or refunds.refunded > orders.subtotal_amount - orders.discount_amount
    """,
    "an order is refunded in one place":
        "select count(*) from good_orders semi join good_refunds using (order_id) where refunded_amount > 0",
    "nothing is negative": """
        select count(*) from good_orders
        where least(subtotal_amount, discount_amount, shipping_amount, tax_amount, refunded_amount, cost_amount) < 0
    """,
    "every currency has a rate on or before the day": """
        select count(*) from good_orders as orders
        where currency <> 'USD' and not exists (
            select 1 from good_exchange_rates as rates
            where rates.currency = orders.currency and rates.rate_date <= orders.ordered_at::date
        )
    """,
    "loads follow what they load": "select count(*) from good_orders where not ordered_at <= updated_at "
        "or not updated_at < _loaded_at",
    "points are magnitudes": """
        select count(*) from good_loyalty_transactions
        where points <= 0 and transaction_type <> 'adjust' and reward_type is distinct from 'experiential'
    """,
    "scores are marks": "select count(*) from good_nps_responses where not score::bigint between 0 and 10",
    "accounts exist": """
        select count(*) from good_orders
        where customer_id is not null and customer_id not in (select customer_id from good_customers)
    """,
}  # fmt: skip


def make_shop(parameters: Parameters, directory: Path, **options) -> Path:
    for _ in Shop(parameters, directory, **options).make():
        pass
    return directory


def open_shop(directory: Path) -> duckdb.DuckDBPyConnection:
    """Views of the raw tables, of their good rows (good_<table>), of the dirt and of the truth."""
    connection = duckdb.connect()
    truth = directory.parent / f"{directory.name}_truth"
    for table in RAW_TABLES:
        connection.execute(f"create view {table} as from '{directory}/{table}.parquet'")
        dirt = truth / "dirt" / f"{table}.parquet"
        good = f"from {table}"
        if dirt.exists():
            connection.execute(f"create view dirt_{table} as from '{dirt}'")
            good += f" except all select * exclude (dirt_kind, outcome, rejection_reasons) from dirt_{table}"
        connection.execute(f"create table good_{table} as {good}")
    connection.execute(f"create view true_customers as from '{truth}/customers.parquet'")
    return connection


def fingerprints(directory: Path) -> dict[str, tuple]:
    """Rows and their contents, whatever their order and files."""
    connection = duckdb.connect()
    prints = {}
    for table in RAW_TABLES:
        files = directory / f"{table}.parquet"
        files = files if files.exists() else directory / table / "*.parquet"
        prints[table] = connection.execute(
            f"select count(*), sum(hash(raw)::hugeint) from '{files}' as raw"
        ).fetchone()
    return prints


def value(connection: duckdb.DuckDBPyConnection, query: str):
    return connection.execute(query).fetchone()[0]


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    return make_shop(SMALL, tmp_path_factory.mktemp("demo") / "raw", threads=2)


@pytest.fixture(scope="module")
def shop(directory) -> duckdb.DuckDBPyConnection:
    return open_shop(directory)


def test_threads_and_chunks_change_no_row(directory, tmp_path):
    other = make_shop(SMALL, tmp_path / "raw", threads=1, chunk_persons=700)
    assert (other / "orders").is_dir(), "several chunks are several files"
    assert fingerprints(other) == fingerprints(directory)


def test_another_seed_makes_other_persons():
    def persons(seed):
        shop = Shop(replace(SMALL, seed=seed), Path("unwritten"))
        shop.create("steps", SHOP_STEPS)
        shop.create("steps", ("persons",), first_person=0, last_person=50)
        return shop.run("from persons order by person_number").fetchall()

    assert persons(42) == persons(42)
    assert persons(42) != persons(7)


@pytest.mark.parametrize("table", DECLARED_COLUMNS)
def test_every_declared_column_is_written(shop, table):
    assert [column[0] for column in shop.execute(f"describe {table}").fetchall()] == DECLARED_COLUMNS[table]


def test_every_column_is_filled_somewhere(shop):
    """A column that is NULL throughout would pass unseen through every model."""
    empty = [
        f"{table}.{column}"
        for table, columns in DECLARED_COLUMNS.items()
        for column in columns
        if not value(shop, f"select count({column}) from {table}")
    ]
    assert empty == []


@pytest.mark.parametrize("rule", RULES)
def test_good_rows_obey(shop, rule):
    assert value(shop, RULES[rule]) == 0


def test_items_add_up_to_their_orders(shop):
    differing = shop.execute("""
        with items as (
            select
                order_id,
                sum(quantity * unit_price) as goods,
                sum(quantity * unit_cost) as cost,
                sum(discount_amount) as discount,
            from good_order_items
            group by order_id
        )
        select *
        from good_orders as orders
        full join items on items.order_id = orders.order_id
        where
            items.goods is distinct from orders.subtotal_amount
            or items.discount is distinct from orders.discount_amount
            or items.cost <> orders.cost_amount
    """).fetchall()
    assert differing == []


def test_bad_rows_are_in_the_raw_data_and_listed_once(shop):
    for table in RAW_TABLES:
        listed = 0
        if shop.execute(f"select 1 from duckdb_views() where view_name = 'dirt_{table}'").fetchall():
            listed = value(shop, f"select count(*) from dirt_{table}")
        raw, good = (value(shop, f"select count(*) from {name}") for name in (table, f"good_{table}"))
        assert raw == good + listed, table


def test_every_kind_of_dirt_occurs(shop):
    views = [row[0] for row in shop.execute("select view_name from duckdb_views() where view_name like 'dirt_%'")
             .fetchall()]
    found = {
        row
        for view in views
        for row in shop.execute(f"select distinct outcome, rejection_reasons from {view}").fetchall()
    }
    reasons = {reason for outcome, reason in found if outcome == "quarantined"}
    assert REJECTION_REASONS <= reasons
    assert {reason.split("_")[0] for reason in reasons - REJECTION_REASONS} == {"missing", "unparseable"}
    assert ("accepted", None) in found and ("superseded", None) in found
    kinds_of_orders = {row[0] for row in shop.execute("select distinct dirt_kind from dirt_orders").fetchall()}
    assert {"test_order", "test_customer", "unknown_customer", "older_version", "exact_duplicate"} <= kinds_of_orders


def test_awkward_but_good_rows_occur(shop):
    """Guests with and without e-mail, guest orders of account holders, shared mailboxes, a chain of merges, euros."""
    chain = "from good_customer_aliases as one inner join good_customer_aliases as two " \
            "on two.alias_customer_id = one.customer_id"
    counts = {
        "guests": "select count(*) from good_orders where customer_id is null and email like 'guest%'",
        "nameless": "select count(*) from good_orders where customer_id is null and email is null",
        "known guests": "select count(*) from good_orders where customer_id is null and email like 'customer%'",
        "shared mailboxes": "select count(*) - count(distinct email) from good_customers",
        "chains": f"select count(*) {chain}",
        "euros": "select count(*) from good_orders where currency = 'EUR'",
        "restored points": "select count(*) from good_loyalty_transactions where transaction_type = 'restore'",
        "free invitations": "select count(*) from good_loyalty_transactions where points = 0",
    }
    assert [name for name, query in counts.items() if not value(shop, query)] == []


def test_the_ledger_can_be_replayed(shop):
    """Oldest lot first, by another program: nothing is spent that is not there, and what lapses is what is left."""
    entries = shop.execute("""
        select customer_id, transaction_type, points, occurred_at, available_at, expires_at, order_id
        from good_loyalty_transactions
        where transaction_type <> 'redeem' or points > 0
        order by customer_id, occurred_at, transaction_type <> 'expire'
    """).fetchall()
    ledgers = defaultdict(list)
    for customer_id, *entry in entries:
        ledgers[customer_id].append(entry)

    for customer_id, ledger in ledgers.items():
        lots = []  # [expires_at, earned_at, available_at, points left, order of a purchase]
        for kind, points, occurred_at, available_at, expires_at, order_id in ledger:
            if kind in ("earn", "restore") or (kind == "adjust" and points > 0):
                lots.append([expires_at, occurred_at, available_at, points, order_id if kind == "earn" else None])
                lots.sort(key=lambda lot: lot[:2])
            elif kind == "cancel_earn":
                [lot] = [lot for lot in lots if lot[4] == order_id]
                lot[3] -= points
                assert lot[3] >= 0 and lot[2] > occurred_at, (customer_id, "took back spent points")
            elif kind == "expire":
                due = [lot for lot in lots if lot[0] == occurred_at]
                assert sum(lot[3] for lot in due) == points, (customer_id, occurred_at)
                for lot in due:
                    lot[3] = 0
            else:
                rest = abs(points)
                for lot in lots:
                    if lot[2] <= occurred_at < lot[0]:
                        spent = min(rest, lot[3])
                        lot[3] -= spent
                        rest -= spent
                assert rest == 0, (customer_id, occurred_at, "spent more than there was")
        assert not [lot for lot in lots if lot[3] and lot[0] < SMALL.end_at.replace(tzinfo=None)], customer_id


def test_redemptions_are_on_their_orders(shop):
    assert value(shop, """
        select count(*)
        from good_orders as orders
        full join (
            select order_id, points from good_loyalty_transactions where reward_type = 'discount'
        ) as redeemed on redeemed.order_id = orders.order_id
        where coalesce(redeemed.points, 0) * 0.01 is distinct from orders.loyalty_discount_amount
    """) == 0


def test_only_the_listed_redemptions_overdraw(shop):
    overdrawn = """
        select count(distinct customer_id) from (
            select
                customer_id,
                sum(case transaction_type
                    when 'redeem' then -points when 'expire' then -points when 'cancel_earn' then -points else points
                end) over (partition by customer_id order by occurred_at) as balance,
            from {table}
        )
        where balance < 0
    """
    assert value(shop, overdrawn.format(table="good_loyalty_transactions")) == 0
    listed = "select count(*) from dirt_loyalty_transactions where dirt_kind = 'redeemed_above_balance'"
    assert value(shop, listed) > 0


def test_members_buy_more_than_the_programme_makes_them(shop):
    """Who buys much joins: members differ from others by far more than by the effect of membership."""
    member_rate, other_rate, with_effects, without_effects = shop.execute("""
        with exposed as (
            select *, date_diff('day', first_ordered_at, timestamp '2026-07-01') as days
            from true_customers
            where orders > 0 and not is_guest
        )
        select
            sum(orders) filter (club_enrolled_at is not null) / sum(days) filter (club_enrolled_at is not null),
            sum(orders) filter (club_enrolled_at is null) / sum(days) filter (club_enrolled_at is null),
            sum(orders) filter (club_enrolled_at is not null),
            sum(orders_without_effects) filter (club_enrolled_at is not null),
        from exposed
    """).fetchone()
    naive_effect = member_rate / other_rate - 1
    caused = with_effects / without_effects - 1
    assert 0 < caused < SMALL.strongest_effect - 1
    assert naive_effect > 3 * SMALL.club_effect
    assert naive_effect > 3 * caused


def test_the_shop_looks_like_one(shop):
    """Wide bounds: they catch a broken draw, not a new parameter."""
    share = "select avg(({condition})::integer) from good_orders"
    assert 0.06 < value(shop, share.format(condition="customer_id is null")) < 0.18
    assert 0.01 < value(shop, share.format(condition="status = 'cancelled'")) < 0.06
    assert 0.10 < value(shop, share.format(condition="currency = 'EUR'")) < 0.40
    assert 0.2 < value(shop, "select avg((orders > 1)::integer) from true_customers where orders > 0") < 0.45
    assert 0.2 < value(shop, "select count(club_enrolled_at) / count(*) from true_customers where orders > 0") < 0.5
    assert 50 < value(shop, "select avg(subtotal_amount - discount_amount) from good_orders") < 100
    bad_rows = value(shop, "select count(*) from dirt_orders where outcome = 'quarantined'")
    assert bad_rows < 0.02 * value(shop, "select count(*) from orders")


# ---------------------------------------------------------------- what the warehouse makes of it


@pytest.fixture(scope="module")
def warehouse(build: Builder, directory: Path) -> Build:
    """The small shop, built, with the raw data's good rows, dirt and truth beside it."""
    built = build(directory, command="run")
    assert built.success, built.failures
    return built


@pytest.fixture(scope="module")
def built(shop, warehouse):
    """The shop's connection, which also sees the built warehouse as `built`."""
    warehouse.close()
    shop.execute(f"attach '{warehouse.path}' as built (read_only)")
    return shop


def test_every_quarantine_is_compared(built):
    tables = built.execute(
        "select table_name from information_schema.tables where table_catalog = 'built' and table_schema = 'quarantine'"
    ).fetchall()
    assert {row[0] for row in tables} == set(READ_TABLES)


@pytest.mark.parametrize("table", READ_TABLES)
def test_each_bad_row_ends_where_the_truth_says(built, table):
    """By its key and its reasons; and no row that the truth calls good is rejected or superseded."""
    key = ", ".join(f"nullif(trim({column}::varchar), '')" for column in KEYS[table])
    listed = built.execute(
        f"select {key}, rejection_reasons from dirt_{table} where outcome = 'quarantined'"
    ).fetchall()
    found = built.execute(f"select {key}, rejection_reasons from built.quarantine.{table}").fetchall()
    assert Counter(found) == Counter(listed)

    superseded = value(built, f"select count(*) from dirt_{table} where outcome = 'superseded'")
    raw = value(built, f"select count(*) from {table}")
    counts = built.execute(
        "select raw_rows, accepted_rows, superseded_rows, quarantined_rows "
        f"from built.marts.rpt_load_reconciliation where table_name = '{table}'"
    ).fetchone()
    assert counts == (raw, raw - superseded - len(listed), superseded, len(listed))


def test_a_person_is_one_customer(built):
    """Whatever account or address a person orders with: one customer, and nobody else's.

    The number of the person is in the order's id. Only a mailbox of two accounts hides who a guest is, and an order
    with neither account nor address is nobody's.
    """
    rows = built.execute("""
        with mailboxes as (
            select email, count(*) as accounts from good_customers group by email
        )

        select
            case
                when good.customer_id is null and good.email is null then 'nobody'
                when good.customer_id is null and mailboxes.accounts > 1 then 'shared mailbox'
                when persons.is_guest then 'guest'
                when good.customer_id is null then 'guest checkout'
                when good.customer_id <> persons.customer_id then 'merged account'
                else 'account'
            end as came_as,
            substr(good.order_id, 2, 7) as person,
            persons.customer_id as true_customer_id,
            orders.customer_id
        from good_orders as good
        inner join true_customers as persons
            on coalesce(persons.customer_id[2:], lpad(regexp_extract(persons.email, '\\d+'), 7, '0'))
            = substr(good.order_id, 2, 7)
        left join mailboxes on mailboxes.email = good.email
        left join built.marts.fct_orders as orders on orders.order_id = good.order_id
    """).fetchall()
    assert len(rows) == value(built, "select count(*) from good_orders")
    assert {row[0] for row in rows} >= {"nobody", "guest", "guest checkout", "merged account", "account"}

    customers_of, persons_of = defaultdict(set), defaultdict(set)
    for came_as, person, true_customer_id, customer_id in rows:
        if came_as == "nobody":
            assert customer_id is None
            continue
        if came_as in ("guest", "shared mailbox"):
            assert customer_id.startswith("guest:"), (came_as, person)
        else:
            assert customer_id == true_customer_id, (came_as, person)
        if came_as != "shared mailbox":
            customers_of[person].add(customer_id)
            persons_of[customer_id].add(person)
    assert [person for person, found in customers_of.items() if len(found) > 1] == []
    assert [customer for customer, found in persons_of.items() if len(found) > 1] == []


def test_merged_accounts_lead_to_the_first(built):
    """Chains of two included; what was merged away is no customer any more."""
    rows = built.execute("""
        select aliases.alias_customer_id, resolution.customer_id, resolution.rule
        from good_customer_aliases as aliases
        left join built.marts.rpt_identity_resolution as resolution
            on resolution.source_customer_id = aliases.alias_customer_id
    """).fetchall()
    assert {alias[-2:] for alias, _, _ in rows} == {"-B", "-C"}
    assert [row for row in rows if row[1:] != (row[0][:-2], "alias")] == []
    merged_away = """
        select count(*) from built.marts.dim_customers
        where customer_id in (select alias_customer_id from good_customer_aliases)
    """
    assert value(built, merged_away) == 0


def test_staff_is_a_test_and_unknown_customers_are_inferred(built):
    rows = built.execute("""
        select dirt.dirt_kind, orders.is_test, customers.is_inferred
        from dirt_orders as dirt
        inner join built.marts.fct_orders as orders on orders.order_id = dirt.order_id
        left join built.marts.dim_customers as customers on customers.customer_id = orders.customer_id
        where dirt.outcome = 'accepted'
    """).fetchall()
    assert {(kind, is_test) for kind, is_test, _ in rows} == {
        ("test_order", True), ("test_customer", True), ("unknown_customer", False),
    }  # fmt: skip
    assert {is_inferred for kind, _, is_inferred in rows if kind == "unknown_customer"} == {True}


def test_refunds_are_those_of_the_good_rows(built):
    """An order is refunded in one place, by rows or by its own column; by rows also on its day."""
    differing = built.execute("""
        with refunds as (
            select order_id, sum(refund_amount) as amount from good_refunds group by order_id
        )

        select orders.order_id
        from built.marts.fct_orders as orders
        inner join good_orders as good on good.order_id = orders.order_id
        left join refunds on refunds.order_id = orders.order_id
        where orders.original_returns <> good.refunded_amount + coalesce(refunds.amount, 0)
    """).fetchall()
    assert differing == []
    days = built.execute("""
        select refunds.refund_date = cast(good.refunded_at as date), count(*)
        from good_refunds as good
        left join built.marts.fct_refunds as refunds on refunds.refund_id = good.refund_id
        group by 1
    """).fetchall()
    assert [is_same_day for is_same_day, _ in days] == [True]


def test_foreign_orders_are_converted_at_the_last_known_rate(built):
    differing = built.execute("""
        select orders.order_id
        from good_orders as good
        asof left join good_exchange_rates as rates
            on rates.currency = good.currency and rates.rate_date <= cast(good.ordered_at as date)
        left join built.marts.fct_orders as orders on orders.order_id = good.order_id
        where
            good.currency <> 'USD'
            and orders.gross_sales is distinct from cast(
                round(good.subtotal_amount * cast(rates.rate_to_reporting as decimal(19, 12)), 4) as decimal(18, 4)
            )
    """).fetchall()
    assert differing == []
    assert value(built, "select count(*) from built.marts.fct_orders where exchange_rate <> 1") > 100


def test_lines_fit_and_know_the_cost(built):
    """An order that names no cost takes that of its lines, where each of them has one."""
    assert value(built, "select count(*) from built.marts.rpt_item_order_gaps") == 0
    costs = built.execute("""
        with items as (
            select order_id, count(*) = count(unit_cost) as is_known, sum(quantity * unit_cost) as cost
            from good_order_items
            group by order_id
        )

        select items.is_known, orders.cost is not null, count(*), max(abs(orders.cost - items.cost * orders.exchange_rate))
        from good_orders as good
        inner join items on items.order_id = good.order_id
        inner join built.marts.fct_orders as orders on orders.order_id = good.order_id
        where good.cost_amount is null
        group by 1, 2
    """).fetchall()
    assert costs and all(is_known == has_cost for is_known, has_cost, _, _ in costs)
    assert all(gap is None or gap < 0.01 for _, _, _, gap in costs)


def test_command_line(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "demo", "--out", str(tmp_path / "raw"), "--orders", "1000", "--years", "1"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    orders = value(duckdb.connect(), f"select count(*) from '{tmp_path}/raw/orders.parquet'")
    assert 700 < orders < 1_400
    assert (tmp_path / "raw_truth" / "parameters.json").exists()
    assert sorted(path.stem for path in (tmp_path / "raw").iterdir()) == sorted(RAW_TABLES)
    assert "%" not in run.stderr, "no progress bar where nobody watches"
