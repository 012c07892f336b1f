"""The core marts in polars, as fast as we know how to write them by hand: an opponent of `make bench`.

    python -m benchmarks.hand_written_polars RAW_DIRECTORY OUTPUT_DIRECTORY

It writes `marts/<mart>.parquet` and `quarantine/<table>.parquet`. Like hand_written.sql it takes the raw data for
typed and clean and the vars for their defaults. Wide rows stream from file to file; what is sorted,
grouped and joined are narrow frames in memory.

The orders are sorted by customer and time once. From then on whatever belongs together stands together: sums
over a customer's period are differences of running sums, and nothing is hashed.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from polars.selectors import by_name, numeric

from benchmarks.raw import HASH_KEY, ORDER_STATUSES, raw_files

GRAINS = {"week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
SEGMENTS = ["country_code", "acquisition_channel", "first_sales_channel"]
CHURN_AFTER = pl.duration(days=91)
MONEY = pl.Decimal(18, 4)
SUM = pl.Decimal(28, 4)
SALES = ["gross_sales", "discounts", "returns", "net_sales", "total_sales", "gross_margin"]
LEDGER_TYPES = ["earn", "redeem", "expire", "cancel_earn", "restore", "adjust"]
PROGRAM_TYPES = [
    "points", "discount", "tiered", "coalition", "experiential", "cashback", "subscription", "referral",
]  # fmt: skip


class Marts:
    """Where the marts are written."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for schema in ("marts", "quarantine"):
            (directory / schema).mkdir(parents=True, exist_ok=True)

    def write(self, name: str, frame: pl.DataFrame | pl.LazyFrame, schema: str = "marts") -> None:
        """One Parquet file of a schema, streamed where the frame is lazy."""
        path = self.directory / schema / f"{name}.parquet"
        frame.lazy().sink_parquet(
            path, compression="lz4", statistics=False, maintain_order=False, engine="streaming"
        )


def main(raw_directory: str, output_directory: str) -> None:
    """All core marts of a raw directory, in the order in which they need one another."""
    raw = Path(raw_directory)
    marts = Marts(Path(output_directory))

    accounts, customer_counts = build_accounts(raw, marts)
    aliases, alias_counts = build_aliases(raw, marts, accounts)
    rates, rate_counts = build_rates(raw, marts)
    refunds = judge_refunds(raw)
    orders_with_refunds = with_refunds(refunds)
    standing, superseded_orders = read_orders(raw, rates, orders_with_refunds)
    standing = resolve_customers(standing, accounts, aliases)
    refunds, refund_counts = build_refunds(marts, refunds, standing)
    item_costs, item_counts = build_order_items(raw, marts, standing)
    orders = number_orders(measure_orders(standing, refunds, item_costs))
    order_counts = write_orders(raw, marts, orders, rates, refunds, orders_with_refunds, superseded_orders)
    ledger, programs, ledger_counts, program_counts = build_ledger(raw, marts, aliases)

    as_of = orders["order_date"].max()
    dates = build_dates(marts, orders, ledger, refunds)
    numbered = orders.filter(pl.col("order_number").is_not_null())
    customer_orders = sum_customers(numbered)
    customers, combinations = part_customers(accounts, customer_orders)
    numbered = numbered.join(customers, on="customer_id", how="left", maintain_order="left")
    customer_periods = sum_customer_periods(numbered)
    marts.write(
        "fct_customer_periods",
        customer_periods.select(pl.all().exclude("segment_combination", "customer_orders")),
    )
    # From here on what was refunded after as_of is given back: facts hold it, reports do not.
    late = refunds.filter(pl.col("is_counted") & (pl.col("refund_date") > as_of))
    if late.height:
        orders, numbered = give_back(orders, late), give_back(numbered, late)
        customer_periods = sum_customer_periods(numbered)
        customer_orders = sum_customers(numbered)
    build_customers(marts, accounts, aliases, orders, customer_orders, ledger, as_of)
    build_customer_value(marts, customer_orders, as_of)

    first_day = orders.filter("is_counted")["order_date"].min()
    periods = make_periods(dates, first_day, as_of)
    activity = sum_activity(customer_periods, periods)
    segments = part_combinations(combinations)
    moved = move_returns(refunds, customers, as_of)
    build_retention_by_period(
        marts, activity, periods, segments, orders, numbered, customers, customer_periods, moved, as_of
    )
    build_retention_by_cohort(marts, activity, periods, segments)

    counts = [
        order_counts, customer_counts, ledger_counts, program_counts, refund_counts, item_counts, alias_counts,
        rate_counts,
    ]  # fmt: skip
    marts.write("rpt_load_reconciliation", pl.DataFrame(counts))


# ---------------------------------------------------------------- raw rows: good, superseded, bad


def scan(raw: Path, table: str) -> pl.LazyFrame:
    """The rows of a raw table with their number, unread."""
    return pl.scan_parquet(raw_files(raw, table), row_index_name="row_id")


def superseded_rows(good: pl.DataFrame, key: str) -> pl.Series:
    """The rows that a newer version of their record stands before."""
    repeated = good.filter(pl.col(key).is_duplicated())
    newest_first = repeated.sort("updated_at", "_loaded_at", descending=True)
    return newest_first.filter(~pl.col(key).is_first_distinct())["row_id"]


def quarantine(
    marts: Marts, table: str, judged: pl.LazyFrame, reasons: dict[str, pl.Expr], derived: Sequence[str] = ()
) -> int:
    """Write the bad rows whole, with their sorted reasons."""
    named = [
        pl.when(condition).then(pl.lit(reason)) for reason, condition in sorted(reasons.items())
    ]
    rejected = (
        judged.filter(~pl.col("is_good"))
        .select(
            pl.concat_str(named, separator=",", ignore_nulls=True).alias("rejection_reasons"),
            pl.all().exclude("row_id", "is_good", *derived),
        )
        .collect(engine="streaming")
    )
    marts.write(table, rejected, schema="quarantine")
    return rejected.height


def reconciliation(table: str, raw: int, accepted: int, superseded: int, quarantined: int) -> dict:
    """The row that rpt_load_reconciliation has of a table."""
    return {
        "table_name": table,
        "raw_rows": raw,
        "accepted_rows": accepted,
        "superseded_rows": superseded,
        "quarantined_rows": quarantined,
    }


def count_rows(raw: Path, table: str) -> int:
    """How many rows a raw table has."""
    return scan(raw, table).select(pl.len()).collect().item()


def build_accounts(raw: Path, marts: Marts) -> tuple[pl.DataFrame, dict]:
    """The newest good row of each customer; bad ones are quarantined, all are counted."""
    birth_date_is_bad = (
        pl.col("birth_date").is_not_null() & pl.col("birth_date").str.to_date(strict=False).is_null()
    )
    judged = scan(raw, "customers").with_columns(
        is_good=pl.col("customer_id").is_not_null() & ~birth_date_is_bad
    )
    good = (
        judged.filter("is_good")
        .select(
            "row_id", "customer_id", "email", "country_code", "acquisition_channel", "acquisition_campaign_id",
            "email_consent", "sms_consent", "push_consent", "is_test", "created_at", "updated_at", "_loaded_at",
        )
        .collect(engine="streaming")
    )  # fmt: skip
    superseded = superseded_rows(good, "customer_id")
    accounts = good.filter(~pl.col("row_id").is_in(superseded.implode()))
    quarantined = quarantine(
        marts,
        "customers",
        judged,
        {
            "missing_customer_id": pl.col("customer_id").is_null(),
            "unparseable_birth_date": birth_date_is_bad,
        },
    )
    counts = reconciliation(
        "customers", count_rows(raw, "customers"), accounts.height, superseded.len(), quarantined
    )
    return accounts.drop("row_id", "updated_at", "_loaded_at"), counts


# ---------------------------------------------------------------- identity


def build_aliases(raw: Path, marts: Marts, accounts: pl.DataFrame) -> tuple[pl.DataFrame, dict]:
    """Each alias with the end of its chain; whoever runs into a cycle is none."""
    reasons = {
        "missing_alias_customer_id": pl.col("alias_customer_id").is_null(),
        "missing_customer_id": pl.col("customer_id").is_null(),
    }
    judged = scan(raw, "customer_aliases").with_columns(is_good=~pl.any_horizontal(list(reasons.values())))
    good = judged.filter("is_good").collect()
    superseded = superseded_rows(good, "alias_customer_id")
    standing = good.filter(~pl.col("row_id").is_in(superseded.implode()))
    ends = follow(dict(zip(standing["alias_customer_id"], standing["customer_id"], strict=True)))
    cycles = standing.filter(~pl.col("alias_customer_id").is_in(list(ends)))["row_id"]
    is_on_cycle = pl.col("row_id").is_in(cycles.implode())
    quarantined = quarantine(
        marts,
        "customer_aliases",
        judged.with_columns(is_good=pl.col("is_good") & ~is_on_cycle),
        {"alias_cycle": is_on_cycle, **reasons},
    )
    test_customers = accounts.filter("is_test")["customer_id"].implode()
    aliases = pl.DataFrame(
        {"alias_customer_id": list(ends), "resolved_customer_id": list(ends.values())},
        schema={"alias_customer_id": pl.String, "resolved_customer_id": pl.String},
    ).with_columns(
        is_test_alias=pl.col("alias_customer_id").is_in(test_customers)
        | pl.col("resolved_customer_id").is_in(test_customers)
    )
    counts = reconciliation(
        "customer_aliases",
        count_rows(raw, "customer_aliases"),
        aliases.height,
        superseded.len(),
        quarantined,
    )
    return aliases, counts


def follow(target: dict[str, str]) -> dict[str, str]:
    """The end of each chain that has one."""
    ends = {}
    for alias in target:
        end, seen = target[alias], {alias}
        while end in target and end not in seen:
            seen.add(end)
            end = target[end]
        if end not in seen:
            ends[alias] = end
    return ends


def resolve_guests(emails: pl.Series, accounts: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """The e-mail addresses that guests left: each the one account's that holds it, or a guest's identity."""
    holders = (
        accounts.select(pl.col("email").str.to_lowercase(), "customer_id", "is_test")
        .join(emails.to_frame("email"), on="email", how="semi")
        .group_by("email")
        .agg(pl.col("customer_id", "is_test").first(), holders=pl.len())
        .filter(pl.col("holders") == 1)
        .drop("holders")
    )
    guests = (
        emails.to_frame("email")
        .join(holders, on="email", how="left")
        .join(aliases, left_on="customer_id", right_on="alias_customer_id", how="left")
        .with_columns(pl.coalesce("resolved_customer_id", "customer_id").alias("customer_id"))
    )
    nobody = guests["customer_id"].is_null()
    hashes = pl.Series(keyed_hashes(guests.filter(nobody)["email"]), dtype=pl.String)
    identified = pl.concat(
        [
            guests.filter(~nobody),
            guests.filter(nobody).with_columns(("guest:" + hashes).alias("customer_id")),
        ]
    )
    return identified.select(
        pl.col("email").alias("guest_email"),
        pl.col("customer_id").alias("guest_customer_id"),
        pl.coalesce("is_test_alias", "is_test").fill_null(False).alias("is_test_guest"),
    )


def resolve_customers(
    standing: pl.DataFrame, accounts: pl.DataFrame, aliases: pl.DataFrame
) -> pl.DataFrame:
    """Put each order to whom it belongs: merged account, guest's account or guest; tests are not counted."""
    emails = standing["guest_email"].drop_nulls().unique()
    test_customers = accounts.filter("is_test")["customer_id"]
    is_test = (
        pl.col("is_test")
        | pl.col("is_test_alias").fill_null(False)
        | pl.col("is_test_guest").fill_null(False)
        | pl.col("customer_id").is_in(test_customers.implode()).fill_null(False)
    )
    return (
        standing.join(aliases, left_on="customer_id", right_on="alias_customer_id", how="left")
        .join(resolve_guests(emails, accounts, aliases), on="guest_email", how="left")
        .with_columns(
            customer_id=pl.coalesce("resolved_customer_id", "customer_id", "guest_customer_id"),
            is_test=is_test,
            is_counted=pl.col("is_counted_status") & ~is_test,
        )
        .drop(
            "resolved_customer_id", "guest_customer_id", "guest_email", "is_test_alias", "is_test_guest",
            "is_counted_status",
        )
    )  # fmt: skip


# ---------------------------------------------------------------- exchange rates
# Money is a whole number of ten thousandths and a rate a whole number of billionths of a thousandth: products are
# exact, and rounded half up.


def build_rates(raw: Path, marts: Marts) -> tuple[pl.DataFrame, dict]:
    """A rate for every day that an order may have."""
    reasons = {
        "missing_currency": pl.col("currency").is_null(),
        "missing_rate_date": pl.col("rate_date").is_null(),
        "missing_rate_to_reporting": pl.col("rate_to_reporting").is_null(),
        "negative_amount": pl.col("rate_to_reporting") <= 0,
    }
    is_bad = pl.any_horizontal([reason.fill_null(False) for reason in reasons.values()])
    judged = scan(raw, "exchange_rates").with_columns(is_good=~is_bad)
    good = judged.filter("is_good").with_columns(key=pl.struct("rate_date", "currency")).collect()
    superseded = superseded_rows(good, "key")
    standing = good.filter(~pl.col("row_id").is_in(superseded.implode()))
    quarantined = quarantine(marts, "exchange_rates", judged, reasons)
    last_date = scan(raw, "orders").select(pl.col("ordered_at").max().dt.date()).collect().item()
    scaled = (pl.col("rate_to_reporting") * 1e12).round().cast(pl.Int64)
    rates = (
        standing.filter(pl.col("currency") != "USD")
        .sort("currency", "rate_date")
        .select(
            "currency",
            order_date=pl.date_ranges(
                "rate_date",
                (pl.col("rate_date").shift(-1).over("currency") - pl.duration(days=1)).fill_null(
                    pl.max_horizontal("rate_date", pl.lit(last_date))
                ),
            ),
            exchange_rate=scaled / 1e12,
            scaled_rate=scaled,
        )
        .explode("order_date")
    )
    counts = reconciliation(
        "exchange_rates", count_rows(raw, "exchange_rates"), standing.height, superseded.len(), quarantined
    )
    return rates, counts


def whole(amount: str) -> pl.Expr:
    """Money as a whole number of ten thousandths."""
    return pl.col(amount).to_physical()


def money(ten_thousandths: pl.Expr) -> pl.Expr:
    """Whole ten thousandths as decimal(18,4)."""
    return (ten_thousandths.cast(pl.Int64) / 1e4).cast(MONEY)


def converted(amount: str) -> pl.Expr:
    """An amount in reporting currency, rounded half up to 4 places; as it is where there is no rate."""
    in_reporting_currency = money((whole(amount) * pl.col("scaled_rate") + 5 * 10**11) // 10**12)
    return pl.when(pl.col("scaled_rate").is_null()).then(pl.col(amount)).otherwise(in_reporting_currency)


def converted_product(quantity: str, unit_amount: str) -> pl.Expr:
    """Quantity times unit amount in reporting currency, rounded once."""
    product = whole(quantity) * whole(unit_amount)
    return money(
        pl.when(pl.col("scaled_rate").is_null())
        .then((product + 5_000) // 10**4)
        .otherwise((product * pl.col("scaled_rate") + 5 * 10**15) // 10**16)
    )


# ---------------------------------------------------------------- refunds

REFUNDED = ["refund_amount", "refunded_shipping_amount", "refunded_tax_amount"]


def judge_refunds(raw: Path) -> pl.DataFrame:
    """All refunds, with is_good as far as the row alone tells."""
    is_good = pl.all_horizontal(
        pl.col("refund_id", "order_id", "refunded_at").is_not_null(), (pl.col(REFUNDED) >= 0).fill_null(False)
    )
    return scan(raw, "refunds").with_columns(is_good=is_good).collect()


def build_refunds(marts: Marts, refunds: pl.DataFrame, standing: pl.DataFrame) -> tuple[pl.DataFrame, dict]:
    """Write the refunds; give them back with the number of their order's row."""
    raw_columns = [name for name in refunds.columns if name != "is_good"]
    their_orders = standing.join(refunds, on="order_id", how="semi").select(
        "order_id", "customer_id", "is_counted", "order_date", "paid_goods_amount", "scaled_rate",
        order_row_id="row_id",
    )  # fmt: skip
    known = refunds.join(their_orders, on="order_id", how="left")
    is_known = pl.col("order_row_id").is_not_null()
    good = known.filter(pl.col("is_good") & is_known)
    superseded = superseded_rows(good, "refund_id")
    numbered = (
        good.filter(~pl.col("row_id").is_in(superseded.implode()))
        .sort("order_id", "refunded_at", "refund_id")
        .with_columns(
            exceeds_order=pl.col("refund_amount").cum_sum().over("order_id") > pl.col("paid_goods_amount")
        )
    )
    too_much = numbered.filter("exceeds_order")["row_id"]
    accepted = (
        numbered.filter(~pl.col("exceeds_order"))
        .rename({"refund_amount": "original_refund_amount"})
        .with_columns(
            converted("original_refund_amount").alias("refund_amount"),
            converted("refunded_shipping_amount"),
            converted("refunded_tax_amount"),
            original_refunded_shipping_amount="refunded_shipping_amount",
            original_refunded_tax_amount="refunded_tax_amount",
            refund_date=pl.col("refunded_at").dt.date(),
        )
        .with_columns(posted_date=pl.max_horizontal("refund_date", "order_date"))
    )
    marts.write(
        "fct_refunds",
        accepted.select(
            "refund_id", "order_id", "customer_id", "reason", *REFUNDED, "original_refund_amount",
            "original_refunded_shipping_amount", "original_refunded_tax_amount", "is_counted",
            "refund_date", "posted_date", "order_date", "refunded_at", "updated_at", "_loaded_at",
        ),
    )  # fmt: skip
    exceeds = pl.col("row_id").is_in(too_much.implode())
    quarantined = quarantine(
        marts,
        "refunds",
        known.with_columns(is_good=pl.col("is_good") & is_known & ~exceeds)
        .select(*raw_columns, "is_good", "order_row_id")
        .lazy(),
        {
            "missing_order_id": pl.col("order_id").is_null(),
            "missing_refund_amount": pl.col("refund_amount").is_null(),
            "missing_refund_id": pl.col("refund_id").is_null(),
            "missing_refunded_at": pl.col("refunded_at").is_null(),
            "negative_amount": pl.any_horizontal(pl.col(REFUNDED) < 0),
            "refund_exceeds_order": exceeds,
            "unknown_order": pl.col("order_id").is_not_null() & ~is_known,
        },
    )
    counts = reconciliation("refunds", refunds.height, accepted.height, superseded.len(), quarantined)
    return accepted, counts


def give_back(orders: pl.DataFrame, late: pl.DataFrame) -> pl.DataFrame:
    """The orders without the refunds that came after as_of."""
    refunded = late.group_by("order_row_id").agg(
        late_returns=pl.col("refund_amount").sum(),
        late_charges=(pl.col("refunded_shipping_amount") + pl.col("refunded_tax_amount")).sum(),
    )
    late_returns = pl.col("late_returns").fill_null(0)
    return (
        orders.join(refunded, left_on="row_id", right_on="order_row_id", how="left", maintain_order="left")
        .with_columns(
            (pl.col("returns") - late_returns).cast(MONEY),
            (pl.col("net_sales", "gross_margin") + late_returns).cast(MONEY),
            (pl.col("total_sales") + late_returns + pl.col("late_charges").fill_null(0)).cast(MONEY),
        )
        .drop("late_returns", "late_charges")
    )


def move_returns(refunds: pl.DataFrame, customers: pl.DataFrame, as_of) -> pl.DataFrame:
    """Returns leave the period of their order and enter that of the day on which they are posted."""
    posted = refunds.filter(
        pl.col("is_counted") & (pl.col("refund_date") <= as_of) & (pl.col("posted_date") > pl.col("order_date"))
    ).join(customers.select("customer_id", "segment_combination"), on="customer_id")
    moves = pl.concat(
        [
            posted.select("segment_combination", date_day="posted_date", returns_moved="refund_amount"),
            posted.select("segment_combination", date_day="order_date", returns_moved=-pl.col("refund_amount")),
        ]
    )
    return pl.concat(
        [
            moves.group_by("segment_combination", period_start=pl.col("date_day").dt.truncate(every))
            .agg(pl.col("returns_moved").sum())
            .select(pl.lit(grain).alias("period_grain"), pl.all())
            for grain, every in GRAINS.items()
        ]
    )


# ---------------------------------------------------------------- order items


def build_order_items(raw: Path, marts: Marts, standing: pl.DataFrame) -> tuple[pl.DataFrame, dict]:
    """Write the lines; give back the cost of orders that tell none and whose lines all do."""
    amounts = ["unit_price", "discount_amount", "unit_cost"]
    required = ["order_id", "line_number", "product_id", "quantity", "unit_price"]
    goods = whole("quantity") * whole("unit_price")
    reasons = {
        **{f"missing_{name}": pl.col(name).is_null() for name in required},
        "discount_exceeds_subtotal": (pl.col("discount_amount") > 0) & (whole("discount_amount") * 10**4 > goods),
        "negative_amount": pl.any_horizontal([pl.col(amount) < 0 for amount in amounts]),
        "non_positive_quantity": pl.col("quantity") <= 0,
    }
    is_bad = pl.any_horizontal([reason.fill_null(False) for reason in reasons.values()])
    items = scan(raw, "order_items")
    known_orders = standing.lazy().select(
        "order_id", "customer_id", "is_counted", "order_date", "scaled_rate", is_known=True,
         lacks_cost=pl.col("own_cost").is_null(),
    )  # fmt: skip
    judged = items.join(known_orders, on="order_id", how="left").with_columns(
        is_good=~is_bad & pl.col("is_known").fill_null(False)
    )

    # Lines that may be versions of one another are found by a hash; those alone are compared.
    keys = items.select("row_id", key=pl.struct("order_id", "line_number").hash()).collect(engine="streaming")
    repeated = keys.filter(pl.col("key").is_duplicated())["row_id"]
    suspects = (
        judged.filter(pl.col("row_id").is_in(repeated.implode()) & pl.col("is_good"))
        .select("row_id", "updated_at", "_loaded_at", key=pl.struct("order_id", "line_number"))
        .collect(engine="streaming")
    )
    superseded = superseded_rows(suspects, "key")

    measured = (
        judged.filter(pl.col("is_good") & ~pl.col("row_id").is_in(superseded.implode()))
        .with_columns(
            gross_sales=converted_product("quantity", "unit_price"),
            discounts=converted("discount_amount"),
            cost=converted_product("quantity", "unit_cost"),
        )
        .with_columns(net_sales=(pl.col("gross_sales") - pl.col("discounts")).cast(MONEY))
    )
    marts.write(
        "fct_order_items",
        measured.select(
            "order_id", "customer_id", "product_id", "product_category", "line_number", "quantity", "gross_sales",
            "discounts", "net_sales", "cost", (pl.col("net_sales") - pl.col("cost")).cast(MONEY).alias("gross_margin"),
            "is_counted", "order_date", "updated_at", "_loaded_at",
        ),
    )  # fmt: skip
    without_cost = standing.filter(pl.col("own_cost").is_null())["order_id"]
    written = pl.scan_parquet(marts.directory / "marts" / "fct_order_items.parquet")
    costs = (
        written.filter(pl.col("order_id").is_in(without_cost.implode()))
        .group_by("order_id")
        .agg(pl.col("cost").sum(), has_all=pl.col("cost").is_not_null().all())
        .filter("has_all")
        .select("order_id", item_cost="cost")
        .collect(engine="streaming")
    )
    columns = items.collect_schema().names()
    quarantined = quarantine(
        marts,
        "order_items",
        judged.select(*columns, "is_good", "is_known"),
        {**reasons, "unknown_order": pl.col("order_id").is_not_null() & pl.col("is_known").is_null()},
    )
    accepted = written.select(pl.len()).collect().item()
    counts = reconciliation(
        "order_items", count_rows(raw, "order_items"), accepted, superseded.len(), quarantined
    )
    return costs, counts


# ---------------------------------------------------------------- orders


def judge_orders(
    raw: Path, rates: pl.DataFrame, orders_with_refunds: pl.DataFrame
) -> tuple[pl.LazyFrame, dict[str, pl.Expr]]:
    """Orders unread, with is_good, status, rate and date; and the condition of each reason to reject."""
    statuses = pl.scan_csv(ORDER_STATUSES).select(
        "status", pl.col("is_counted").alias("is_counted_status"), "is_cancelled"
    )
    amounts = [
        "subtotal_amount", "discount_amount", "loyalty_discount_amount", "refunded_amount", "shipping_amount",
        "refunded_shipping_amount", "tax_amount", "refunded_tax_amount", "cost_amount",
    ]  # fmt: skip
    paid = pl.col("subtotal_amount") - pl.col("discount_amount")
    reasons = {
        "missing_order_id": pl.col("order_id").str.strip_chars().fill_null("") == "",
        "missing_ordered_at": pl.col("ordered_at").is_null(),
        "missing_subtotal_amount": pl.col("subtotal_amount").is_null(),
        "unknown_status": pl.col("is_counted_status").is_null(),
        "missing_exchange_rate": (pl.col("currency") != "USD") & pl.col("exchange_rate").is_null(),
        "negative_amount": pl.any_horizontal([pl.col(amount) < 0 for amount in amounts]),
        "discount_exceeds_subtotal": (pl.col("discount_amount") > 0)
        & (pl.col("discount_amount") > pl.col("subtotal_amount")),
        "refund_exceeds_order": (pl.col("refunded_amount") > 0)
        & (pl.col("refunded_amount") > paid)
        & pl.col("has_refunds").is_null(),
        "ordered_in_future": pl.col("ordered_at") > pl.col("_loaded_at") + pl.duration(days=1),
    }
    is_bad = pl.any_horizontal([reason.fill_null(False) for reason in reasons.values()])
    judged = (
        scan(raw, "orders")
        .with_columns(pl.col("status").str.to_lowercase(), order_date=pl.col("ordered_at").dt.date())
        .join(statuses, on="status", how="left")
        .join(rates.lazy(), on=["currency", "order_date"], how="left")
        .join(orders_with_refunds.lazy(), on="order_id", how="left")
        .with_columns(is_good=~is_bad)
    )
    return judged, reasons


def with_refunds(refunds: pl.DataFrame) -> pl.DataFrame:
    """The orders whose own refunded columns are ignored."""
    return refunds.filter("is_good").select("order_id", has_refunds=True).unique()


def read_orders(
    raw: Path, rates: pl.DataFrame, orders_with_refunds: pl.DataFrame
) -> tuple[pl.DataFrame, pl.Series]:
    """The narrow rows of the orders that stand, in reporting currency; the rows that they supersede."""
    judged, _ = judge_orders(raw, rates, orders_with_refunds)
    guest_email = pl.when(pl.col("customer_id").is_null()).then(pl.col("email").str.to_lowercase())
    narrow = (
        judged.filter("is_good")
        .select(
            "row_id",
            "order_id",
            "customer_id",
            "sales_channel",
            "is_counted_status",
            "is_test",
            "is_cancelled",
            pl.col("has_refunds").fill_null(False),
            "ordered_at",
            "order_date",
            "exchange_rate",
            "scaled_rate",
            "updated_at",
            "_loaded_at",
            guest_email=guest_email,
            paid_goods_amount=(pl.col("subtotal_amount") - pl.col("discount_amount")).cast(MONEY),
            gross_sales=converted("subtotal_amount"),
            discounts=converted("discount_amount"),
            own_returns=converted("refunded_amount"),
            own_refunded_shipping=converted("refunded_shipping_amount"),
            own_refunded_tax=converted("refunded_tax_amount"),
            charges=converted("shipping_amount") + converted("tax_amount"),
            own_cost=converted("cost_amount"),
        )
        .collect(engine="streaming")
    )
    superseded = superseded_rows(narrow, "order_id")
    standing = narrow.filter(~pl.col("row_id").is_in(superseded.implode())).drop("updated_at", "_loaded_at")
    return standing, superseded


def measure_orders(standing: pl.DataFrame, refunds: pl.DataFrame, item_costs: pl.DataFrame) -> pl.DataFrame:
    """Returns, cost, net and total sales and margin of each standing order, in reporting currency."""
    refunded = refunds.group_by("order_row_id").agg(
        returns=pl.col("refund_amount").sum(),
        refunded_shipping=pl.col("refunded_shipping_amount").sum(),
        refunded_tax=pl.col("refunded_tax_amount").sum(),
    )
    amounts = ["returns", "refunded_shipping", "refunded_tax"]
    return (
        standing.join(refunded, left_on="row_id", right_on="order_row_id", how="left")
        .join(item_costs, on="order_id", how="left")
        .with_columns(
            *[
                pl.when("has_refunds")
                .then(pl.col(amount).fill_null(0))
                .otherwise(pl.col(f"own_{amount}"))
                .cast(MONEY)
                .alias(amount)
                for amount in amounts
            ],
            cost=pl.coalesce("own_cost", "item_cost").cast(MONEY),
        )
        .with_columns(
            net_sales=(pl.col("gross_sales") - pl.col("discounts") - pl.col("returns")).cast(MONEY)
        )
        .with_columns(
            total_sales=(
                pl.col("net_sales") + pl.col("charges") - pl.col("refunded_shipping") - pl.col("refunded_tax")
            ).cast(MONEY),
            gross_margin=(pl.col("net_sales") - pl.col("cost")).cast(MONEY),
        )
        .drop(*[f"own_{amount}" for amount in amounts], "own_cost", "item_cost", "charges", "paid_goods_amount")
    )


def write_orders(
    raw: Path,
    marts: Marts,
    orders: pl.DataFrame,
    rates: pl.DataFrame,
    refunds: pl.DataFrame,
    orders_with_refunds: pl.DataFrame,
    superseded: pl.Series,
) -> dict:
    """Write fct_orders: the wide rows are read again and joined by their number."""
    original = refunds.group_by("order_row_id").agg(
        original_returns=pl.col("original_refund_amount").sum(),
        original_refunded_charges=(pl.col("original_refunded_shipping_amount") + pl.col("original_refunded_tax_amount")).sum(),
    )
    original_returns = (
        pl.when("has_refunds").then(pl.col("original_returns").fill_null(0)).otherwise(pl.col("refunded_amount"))
    )
    original_refunded_charges = (
        pl.when("has_refunds")
        .then(pl.col("original_refunded_charges").fill_null(0))
        .otherwise(pl.col("refunded_shipping_amount") + pl.col("refunded_tax_amount"))
    )
    original_total_sales = (
        pl.col("subtotal_amount")
        - pl.col("discount_amount")
        - original_returns
        + pl.col("shipping_amount")
        + pl.col("tax_amount")
        - original_refunded_charges
    )
    numbers = orders.lazy().select(
        "row_id", "has_refunds", "exchange_rate", "scaled_rate", "is_counted", "is_cancelled", "is_test",
        "gross_sales", "discounts", "returns", "refunded_shipping", "refunded_tax", "net_sales", "total_sales",
        "cost", "gross_margin", "order_number", "previous_order_at", "previous_order_date",
        "customer_first_order_date", "order_date", resolved_customer_id="customer_id",
    )  # fmt: skip
    marts.write(
        "fct_orders",
        scan(raw, "orders")
        .drop("is_test")
        .join(numbers, on="row_id", how="inner")
        .join(original.lazy(), left_on="row_id", right_on="order_row_id", how="left")
        .select(
            "order_id",
            pl.col("resolved_customer_id").alias("customer_id"),
            pl.col("customer_id").alias("source_customer_id"),
            "campaign_id",
            "loyalty_program_id",
            pl.col("status").str.to_lowercase(),
            "sales_channel",
            "discount_code",
            "currency",
            pl.col("exchange_rate").fill_null(1.0),
            pl.col("subtotal_amount").alias("original_gross_sales"),
            pl.col("discount_amount").alias("original_discounts"),
            original_returns.cast(MONEY).alias("original_returns"),
            original_total_sales.cast(MONEY).alias("original_total_sales"),
            "gross_sales",
            "discounts",
            converted("loyalty_discount_amount").alias("loyalty_discounts"),
            "returns",
            "net_sales",
            converted("shipping_amount").alias("shipping"),
            "refunded_shipping",
            converted("tax_amount").alias("tax"),
            "refunded_tax",
            "total_sales",
            "cost",
            "gross_margin",
            "order_number",
            (pl.col("order_date") - pl.col("previous_order_date"))
            .dt.total_days()
            .alias("days_since_previous_order"),
            "is_counted",
            "is_cancelled",
            pl.col("customer_id").is_null().alias("is_guest"),
            "is_test",
            (pl.col("order_number") == 1).fill_null(False).alias("is_first_order"),
            "order_date",
            "customer_first_order_date",
            "previous_order_date",
            "ordered_at",
            "previous_order_at",
            "updated_at",
            "_loaded_at",
        ),
    )
    judged, reasons = judge_orders(raw, rates, orders_with_refunds)
    derived = ["order_date", "exchange_rate", "scaled_rate", "has_refunds"]
    quarantined = quarantine(marts, "orders", judged, reasons, derived)
    return reconciliation("orders", count_rows(raw, "orders"), orders.height, superseded.len(), quarantined)


def number_orders(standing: pl.DataFrame) -> pl.DataFrame:
    """Number each customer's counted orders; those of nobody, and uncounted ones, stay without a number."""
    has_number = pl.col("is_counted") & pl.col("customer_id").is_not_null()
    is_first = (pl.col("customer_id") != pl.col("customer_id").shift(1)).fill_null(True)
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    numbered = (
        standing.filter(has_number)
        .sort("customer_id", "ordered_at", "order_id")
        .with_columns(is_first_order=is_first)
        .with_columns(
            order_number=row - pl.when("is_first_order").then(row).forward_fill() + 1,
            previous_order_at=pl.when(~pl.col("is_first_order")).then(pl.col("ordered_at").shift(1)),
            previous_order_date=pl.when(~pl.col("is_first_order")).then(pl.col("order_date").shift(1)),
            customer_first_order_date=pl.when("is_first_order").then(pl.col("order_date")).forward_fill(),
        )
    )
    return pl.concat([numbered, standing.filter(~has_number)], how="diagonal")


# ---------------------------------------------------------------- the ledger


def build_ledger(raw: Path, marts: Marts, aliases: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, dict, dict]:
    """Write the ledger and its programmes; give back the ledger's narrow rows."""
    declared, program_counts = declare_programs(raw, marts)
    experiential = declared.filter(pl.col("program_type") == "experiential")["program_id"]
    judged, reasons = judge_ledger(raw, experiential)
    takes = pl.col("transaction_type").is_in(["redeem", "expire", "cancel_earn"])
    resolved = aliases.lazy().select("alias_customer_id", "resolved_customer_id")
    measured = judged.filter("is_good").join(
        resolved, left_on="customer_id", right_on="alias_customer_id", how="left"
    ).with_columns(
        customer_id=pl.coalesce("resolved_customer_id", "customer_id"),
        source_customer_id="customer_id",
        signed_points=pl.when(takes).then(-pl.col("points")).otherwise(pl.col("points")),
        occurred_date=pl.col("occurred_at").dt.date(),
        available_date=pl.col("available_at").dt.date(),
    )
    narrow = measured.select(
        "row_id", "loyalty_transaction_id", "customer_id", "program_id", "transaction_type", "points",
        "signed_points", "occurred_date", "available_date", "updated_at", "_loaded_at",
    ).collect(engine="streaming")  # fmt: skip
    superseded = superseded_rows(narrow, "loyalty_transaction_id")
    is_standing = ~pl.col("row_id").is_in(superseded.implode())
    ledger = narrow.filter(is_standing).drop("row_id", "loyalty_transaction_id", "updated_at", "_loaded_at")

    point_values = declared.select("program_id", "point_value").lazy()
    points_value = pl.col("points").cast(pl.Float64) * pl.col("point_value").fill_null(0.01)
    marts.write(
        "fct_loyalty_transactions",
        measured.filter(is_standing)
        .join(point_values, on="program_id", how="left")
        .select(
            "loyalty_transaction_id", "customer_id", "source_customer_id", "program_id", "order_id", "partner_id",
            "reward_id", "transaction_type", "activity", "reward_type", "points", "signed_points",
            points_value.cast(MONEY).alias("points_value"), "reward_cost", "occurred_date", "available_date",
            "occurred_at", "available_at", "expires_at", "updated_at", "_loaded_at",
        ),
    )  # fmt: skip
    programs = (
        ledger.select(pl.col("program_id").unique())
        .with_columns(is_used=True)
        .join(declared.with_columns(is_inferred=False), on="program_id", how="full", coalesce=True)
        .select(
            "program_id",
            "program_name",
            pl.col("program_type").fill_null("points"),
            pl.col("delivery").fill_null("card"),
            pl.col("point_value").fill_null(0.01),
            "points_expire_after_days",
            "expected_redemption_rate",
            "partner_cost_share",
            pl.col("is_inferred").fill_null(True),
        )
    )
    marts.write("dim_loyalty_programs", programs)
    quarantined = quarantine(marts, "loyalty_transactions", judged, reasons)
    counts = reconciliation(
        "loyalty_transactions",
        count_rows(raw, "loyalty_transactions"),
        ledger.height,
        superseded.len(),
        quarantined,
    )
    return ledger, programs, counts, program_counts


def declare_programs(raw: Path, marts: Marts) -> tuple[pl.DataFrame, dict]:
    """The newest good row of each programme, and the counts of their table."""
    reasons = {
        "missing_program_id": pl.col("program_id").is_null(),
        "unknown_program_type": ~pl.col("program_type").is_in(PROGRAM_TYPES),
    }
    judged = scan(raw, "loyalty_programs").with_columns(is_good=~pl.any_horizontal(list(reasons.values())))
    good = judged.filter("is_good").collect()
    superseded = superseded_rows(good, "program_id")
    declared = good.filter(~pl.col("row_id").is_in(superseded.implode()))
    quarantined = quarantine(marts, "loyalty_programs", judged, reasons)
    counts = reconciliation(
        "loyalty_programs", count_rows(raw, "loyalty_programs"), declared.height, superseded.len(), quarantined
    )
    return declared, counts


def judge_ledger(raw: Path, experiential: pl.Series) -> tuple[pl.LazyFrame, dict[str, pl.Expr]]:
    """Ledger unread, with is_good; and the condition of each reason to reject."""
    costs_nothing = (pl.col("transaction_type") == "redeem") & (
        (pl.col("reward_type").fill_null("") == "experiential")
        | pl.col("program_id").is_in(experiential.implode())
    )
    has_too_few_points = (pl.col("points") < 0) | ((pl.col("points") == 0) & ~costs_nothing)
    reasons = {
        "missing_loyalty_transaction_id": pl.col("loyalty_transaction_id").is_null(),
        "missing_customer_id": pl.col("customer_id").is_null(),
        "missing_transaction_type": pl.col("transaction_type").is_null(),
        "missing_points": pl.col("points").is_null(),
        "missing_occurred_at": pl.col("occurred_at").is_null(),
        "unknown_transaction_type": ~pl.col("transaction_type").is_in(LEDGER_TYPES),
        "expires_before_earned": pl.col("expires_at") < pl.col("occurred_at"),
        "negative_amount": pl.col("reward_cost") < 0,
        "non_positive_points": (pl.col("transaction_type") != "adjust") & has_too_few_points,
    }
    is_bad = pl.any_horizontal([reason.fill_null(False) for reason in reasons.values()])
    return scan(raw, "loyalty_transactions").with_columns(is_good=~is_bad), reasons


# ---------------------------------------------------------------- calendar


def build_dates(
    marts: Marts, orders: pl.DataFrame, ledger: pl.DataFrame, refunds: pl.DataFrame
) -> pl.DataFrame:
    """Write dim_dates, from the year before the first date of any fact to the year after the last; give it back."""
    dated = pl.concat([orders["order_date"], ledger["occurred_date"], refunds["refund_date"]])
    first_year, last_year = dated.min().year, dated.max().year
    day = pl.col("date_day")
    dates = (
        pl.select(
            date_day=pl.date_range(pl.date(first_year - 1, 1, 1), pl.date(last_year + 1, 12, 31), interval="1d")
        )
        .with_columns(**{f"{grain}_start": day.dt.truncate(every) for grain, every in GRAINS.items()})
        .with_columns(
            **{
                f"{grain}_end": pl.col(f"{grain}_start").dt.offset_by(every) - pl.duration(days=1)
                for grain, every in GRAINS.items()
            }
        )
        .with_columns(
            day_of_week=day.dt.weekday().cast(pl.Int64),
            is_weekend=day.dt.weekday() >= 6,
            month_number=day.dt.month().cast(pl.Int64),
            quarter_number=day.dt.quarter().cast(pl.Int64),
            year_number=day.dt.year().cast(pl.Int64),
        )
    )
    fiscal = [
        pl.col(f"{grain}_{part}").alias(f"fiscal_{grain}_{part}")
        for grain in ("month", "quarter", "year")
        for part in ("start", "end", "number")
        if f"{grain}_{part}" in dates.columns
    ]
    marts.write("dim_dates", dates.with_columns(fiscal).with_columns(retail_calendar()))
    return dates


def retail_calendar() -> list[pl.Expr]:
    """With weeks from Monday and years from January, the retail year is the ISO year."""
    day = pl.col("date_day")
    week, year = day.dt.week().cast(pl.Int64), day.dt.iso_year().cast(pl.Int64)
    start = pl.date(year, 1, 4).dt.truncate("1w")
    quarter = pl.min_horizontal((week - 1) // 13, 3) + 1
    week_of_quarter = week - (quarter - 1) * 13

    def month(first: int, second: int) -> pl.Expr:
        later = (week_of_quarter > first).cast(pl.Int64) + (week_of_quarter > first + second).cast(pl.Int64)
        return quarter * 3 - 2 + later

    return [
        start.alias("retail_year_start"),
        (pl.date(year + 1, 1, 4).dt.truncate("1w") - pl.duration(days=1)).alias("retail_year_end"),
        year.alias("retail_year_number"),
        week.alias("retail_week_number"),
        quarter.alias("retail_quarter_number"),
        month(4, 4).alias("retail_month_number_445"),
        month(4, 5).alias("retail_month_number_454"),
        month(5, 4).alias("retail_month_number_544"),
    ]


def make_periods(dates: pl.DataFrame, first_day, as_of) -> pl.DataFrame:
    """The periods of the reports, numbered in order of time within their grain."""
    periods = [
        dates.filter((pl.col(f"{grain}_end") >= first_day) & (pl.col(f"{grain}_start") <= as_of))
        .select(
            pl.lit(grain).alias("period_grain"),
            pl.col(f"{grain}_start").alias("period_start"),
            pl.col(f"{grain}_end").alias("period_end"),
        )
        .unique()
        .sort("period_start")
        .with_columns(
            period_index=pl.int_range(pl.len(), dtype=pl.Int32), is_complete=pl.col("period_end") <= as_of
        )
        for grain in GRAINS
    ]
    return pl.concat(periods)


# ---------------------------------------------------------------- customers


def sum_customers(numbered: pl.DataFrame) -> pl.DataFrame:
    """One row per customer of the counted orders, which come sorted by customer and time."""
    is_later_day = pl.col("order_date") > pl.col("previous_order_date").fill_null(pl.col("order_date"))
    is_repeat = pl.col("order_date") > pl.col("customer_first_order_date")
    running = numbered.select(
        "customer_id",
        "is_first_order",
        "order_number",
        "ordered_at",
        "order_date",
        "sales_channel",
        "customer_first_order_date",
        pl.col("net_sales").cum_sum(),
        pl.col("gross_margin").fill_null(0).cum_sum(),
        pl.when(is_repeat).then(pl.col("net_sales")).otherwise(0).cum_sum().alias("repeat_day_net_sales"),
        is_later_day.cast(pl.Int64).cum_sum().alias("repeat_purchase_days"),
        pl.col("gross_margin").is_not_null().cast(pl.Int64).cum_sum().alias("orders_with_cost"),
    )
    is_last_order = pl.col("is_first_order").shift(-1).fill_null(True)
    first = running.filter("is_first_order")
    last = running.filter(is_last_order)
    return last.select(
        "customer_id",
        pl.col("order_number").alias("orders"),
        since_last_row("net_sales"),
        pl.when(since_last_row("orders_with_cost") > 0)
        .then(since_last_row("gross_margin"))
        .alias("gross_margin"),
        since_last_row("repeat_day_net_sales"),
        since_last_row("repeat_purchase_days"),
        first["ordered_at"].alias("first_order_at"),
        pl.col("ordered_at").alias("last_order_at"),
        pl.col("customer_first_order_date").alias("first_order_date"),
        pl.col("order_date").alias("last_order_date"),
        first["sales_channel"].alias("first_sales_channel"),
    )


def since_last_row(running_sum: str) -> pl.Expr:
    """What a running sum has grown by since the row before."""
    return pl.col(running_sum) - pl.col(running_sum).shift(1).fill_null(0)


def build_customers(
    marts: Marts,
    accounts: pl.DataFrame,
    aliases: pl.DataFrame,
    orders: pl.DataFrame,
    customer_orders: pl.DataFrame,
    ledger: pl.DataFrame,
    as_of,
) -> None:
    """Write dim_customers: accounts, and whoever is known by orders, ledger or merges alone."""
    members = ledger.group_by("customer_id").agg(is_loyalty_member=pl.col("occurred_date").min() <= as_of)
    uncounted = orders.filter(pl.col("order_number").is_null() & pl.col("customer_id").is_not_null())
    merged = aliases.join(accounts, left_on="alias_customer_id", right_on="customer_id", how="semi")
    known = pl.concat(
        [
            customer_orders["customer_id"],
            uncounted["customer_id"],
            members["customer_id"],
            merged["resolved_customer_id"],
        ]
    )
    inferred = known.to_frame().join(accounts, on="customer_id", how="anti").unique()
    own_accounts = accounts.join(aliases, left_on="customer_id", right_on="alias_customer_id", how="anti")
    customers = (
        pl.concat([own_accounts, inferred], how="diagonal")
        .join(customer_orders, on="customer_id", how="left")
        .join(members, on="customer_id", how="left")
    )
    is_guest = pl.col("customer_id").str.starts_with("guest:")
    email_hashes = pl.Series("email_hash", keyed_hashes(customers["email"]), dtype=pl.String)
    marts.write(
        "dim_customers",
        customers.with_columns(email_hashes).select(
            "customer_id",
            pl.when(is_guest).then(pl.col("customer_id").str.slice(6)).otherwise("email_hash").alias("email_hash"),
            "country_code",
            "acquisition_channel",
            "acquisition_campaign_id",
            "first_sales_channel",
            "email_consent",
            "sms_consent",
            "push_consent",
            is_guest.alias("is_guest"),
            (pl.col("is_test").is_null() & ~is_guest).alias("is_inferred"),
            pl.col("is_loyalty_member").fill_null(False),
            pl.col("orders").fill_null(0),
            pl.col("net_sales").fill_null(0).cast(SUM),
            "created_at",
            "first_order_at",
            "last_order_at",
            "first_order_date",
            "last_order_date",
            pl.col("first_order_date").dt.truncate("1mo").alias("cohort_month"),
        ),
    )


def keyed_hashes(emails: pl.Series) -> list[str | None]:
    """Polars has no SHA-256 of its own."""
    prefix = f"{HASH_KEY}:".encode()
    return [
        email and hashlib.sha256(prefix + email.encode()).hexdigest()[:32]
        for email in emails.str.to_lowercase().to_list()
    ]


def build_customer_value(marts: Marts, customer_orders: pl.DataFrame, as_of) -> None:
    """Write rpt_customer_value as of as_of, in days."""
    net_sales = pl.col("net_sales").cast(pl.Float64)
    age = (pl.lit(as_of) - pl.col("first_order_date")).dt.total_days()
    valued = customer_orders.select(
        "customer_id",
        "orders",
        "repeat_purchase_days",
        (pl.lit(as_of) - pl.col("last_order_date")).dt.total_days().alias("recency_days"),
        (pl.col("last_order_date") - pl.col("first_order_date")).dt.total_days().alias("days_first_to_last_order"),
        age.alias("customer_age_days"),
        pl.col("net_sales").cast(SUM),
        pl.col("gross_margin").cast(SUM),
        ratio(pl.col("repeat_day_net_sales"), pl.col("repeat_purchase_days")).alias("mean_repeat_day_value"),
        (net_sales / pl.col("orders")).alias("average_order_value"),
        (pl.col("orders") * 365 / pl.max_horizontal(age, pl.lit(365))).alias("orders_per_year"),
        pl.lit(3.0).alias("expected_lifespan_years"),
        ratio(pl.col("gross_margin"), pl.col("net_sales")).fill_null(1.0).alias("gross_margin_rate"),
        "first_order_date",
        "last_order_date",
    ).with_columns(
        formula_ltv=pl.col("average_order_value")
        * pl.col("orders_per_year")
        * pl.col("expected_lifespan_years")
        * pl.col("gross_margin_rate")
    )
    marts.write("rpt_customer_value", valued)


def ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Numerator by denominator as a double, NULL where that is 0."""
    denominator = denominator.cast(pl.Float64)
    return numerator.cast(pl.Float64) / pl.when(denominator != 0).then(denominator)


def part_customers(accounts: pl.DataFrame, customer_orders: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Customers with orders and the number of their combination of segments; the combinations."""
    customers = customer_orders.join(
        accounts.select("customer_id", "country_code", "acquisition_channel"), on="customer_id", how="left"
    ).with_columns(pl.col(SEGMENTS).fill_null("unknown"))
    combinations = customers.select(SEGMENTS).unique().with_row_index("segment_combination")
    parted = customers.join(combinations, on=SEGMENTS, how="left").select(
        "customer_id",
        "segment_combination",
        pl.col("orders").alias("customer_orders"),
        pl.col("last_order_date").alias("customer_last_order_date"),
    )
    return parted, combinations


def part_combinations(combinations: pl.DataFrame) -> pl.DataFrame:
    """Each combination once for every segment that holds it; segments are known by a number."""
    segments = pl.concat(
        [
            combinations.select(
                "segment_combination",
                pl.lit("all").alias("segment_type"),
                pl.lit("all").alias("segment"),
            ),
            combinations.unpivot(
                on=SEGMENTS, index="segment_combination", variable_name="segment_type", value_name="segment"
            ),
        ]
    )
    names = segments.select("segment_type", "segment").unique().with_row_index("segment_number")
    return segments.join(names, on=["segment_type", "segment"])


# ---------------------------------------------------------------- customers by period


def sum_customer_periods(numbered: pl.DataFrame) -> pl.DataFrame:
    """Running sums once, then one row per customer and period of each grain."""
    running = numbered.with_columns(
        pl.col(SALES[:-1]).cum_sum(),
        pl.col("gross_margin").fill_null(0).cum_sum(),
        orders_with_cost=pl.col("gross_margin").is_not_null().cast(pl.Int64).cum_sum(),
    )
    return pl.concat([sum_periods(running, grain, every) for grain, every in GRAINS.items()])


def sum_periods(running: pl.DataFrame, grain: str, every: str) -> pl.DataFrame:
    """One row per customer and period, from running sums over orders sorted by customer and time."""
    placed = running.with_columns(period_start=pl.col("order_date").dt.truncate(every))
    starts = pl.col("is_first_order") | (pl.col("period_start") != pl.col("period_start").shift(1))
    placed = placed.with_columns(starts=starts.fill_null(True))
    first = placed.filter("starts").select("order_number", "order_date", "previous_order_date")
    last = placed.filter(pl.col("starts").shift(-1).fill_null(True))
    previous = first["previous_order_date"]
    period_before = last["period_start"].dt.offset_by(f"-{every}")
    cohort_start = last["customer_first_order_date"].dt.truncate(every)
    with_cost = since_last_row("orders_with_cost")
    return last.select(
        pl.lit(grain).alias("period_grain"),
        "period_start",
        "customer_id",
        (pl.col("order_number") - first["order_number"] + 1).alias("orders"),
        *[since_last_row(measure).cast(MONEY) for measure in SALES[:-1]],
        pl.when(with_cost > 0).then(since_last_row("gross_margin")).cast(MONEY).alias("gross_margin"),
        with_cost,
        (first["order_number"] == 1).alias("is_new"),
        (previous >= period_before).fill_null(False).alias("is_retained"),
        (previous < period_before).fill_null(False).alias("is_resurrected"),
        pl.col("order_number").alias("orders_to_date"),
        first["order_date"].alias("first_order_date"),
        previous.alias("previous_order_date"),
        cohort_start.alias("cohort_start"),
        (period_index(pl.col("period_start"), grain) - period_index(pl.lit(cohort_start), grain)).alias(
            "period_number"
        ),
        "segment_combination",
        "customer_orders",
    )


def period_index(start: pl.Expr, grain: str) -> pl.Expr:
    """Which week, month, quarter or year a period is; differences count periods."""
    if grain == "week":
        return (start.to_physical() - 4).cast(pl.Int64) // 7
    year = start.dt.year().cast(pl.Int64)
    return {
        "month": year * 12 + start.dt.month(),
        "quarter": year * 4 + start.dt.quarter(),
        "year": year,
    }[grain]


def sum_activity(customer_periods: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """What the customers of a cohort did in a period, by combination of segments."""
    orders, to_date = pl.col("orders"), pl.col("orders_to_date")
    return (
        customer_periods.lazy()
        .group_by("period_grain", "period_start", "cohort_start", "segment_combination")
        .agg(
            active_customers=pl.len().cast(pl.Int64),
            new_customers=pl.col("is_new").sum().cast(pl.Int64),
            retained_customers=pl.col("is_retained").sum().cast(pl.Int64),
            resurrected_customers=pl.col("is_resurrected").sum().cast(pl.Int64),
            repeat_customers=(orders >= 2).sum().cast(pl.Int64),
            repeat_customers_to_date=(to_date >= 2).sum().cast(pl.Int64),
            second_order_customers=((to_date >= 2) & (to_date - orders < 2)).sum().cast(pl.Int64),
            last_active_customers=(to_date == pl.col("customer_orders")).sum().cast(pl.Int64),
            orders=orders.sum(),
            orders_with_cost=pl.col("orders_with_cost").sum(),
            **{measure: pl.col(measure).sum() for measure in SALES},
        )
        .collect()
    )


# ---------------------------------------------------------------- reports


def sum_segments(frame: pl.DataFrame, segments: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """From combinations of segments to segments."""
    measures = [name for name in frame.columns if name not in [*keys, "segment_combination"]]
    return (
        frame.join(segments.select("segment_combination", "segment_number"), on="segment_combination")
        .group_by(*keys, "segment_number")
        .agg(pl.col(measures).sum())
    )


def build_retention_by_period(
    marts: Marts,
    activity: pl.DataFrame,
    periods: pl.DataFrame,
    segments: pl.DataFrame,
    orders: pl.DataFrame,
    numbered: pl.DataFrame,
    customers: pl.DataFrame,
    customer_periods: pl.DataFrame,
    moved: pl.DataFrame,
    as_of,
) -> None:
    """Write rpt_retention_by_period: every period of every segment, empty ones too."""
    key = ["period_grain", "period_start"]
    measures = [name for name in activity.columns if name not in [*key, "cohort_start", "segment_combination"]]
    by_period = activity.group_by(*key, "segment_combination").agg(pl.col(measures).sum())
    by_period = sum_segments(by_period, segments, key)
    churned = sum_segments(count_churned(numbered, customers, customer_periods, as_of), segments, key)
    opened = sum_segments(count_opened(numbered, customers), segments, ["date_day"])
    without_customer = sum_without_customer(orders)

    names = segments.select("segment_number", "segment_type", "segment").unique()
    if without_customer.height:
        unknown = pl.DataFrame(
            {"segment_type": ["all", *SEGMENTS], "segment": ["all"] + ["unknown"] * len(SEGMENTS)}
        )
        missing = unknown.join(names, on=["segment_type", "segment"], how="anti")
        numbers = pl.int_range(pl.len(), dtype=pl.UInt32) + names.height
        names = pl.concat([names, missing.with_columns(segment_number=numbers)], how="diagonal")

    filled = (
        periods.join(names, how="cross")
        .join(by_period, on=[*key, "segment_number"], how="left")
        .join(sum_segments(moved, segments, key), on=[*key, "segment_number"], how="left")
        .join(churned, on=[*key, "segment_number"], how="left")
        .join(open_at_starts(opened, periods), on=[*key, "segment_number"], how="left")
        .join(without_customer, on=key, how="left")
        .with_columns(pl.when(pl.col("orders_with_cost") > 0).then(pl.col("gross_margin")))
        .with_columns((numeric() - by_name("gross_margin")).fill_null(0))
        .sort("period_grain", "segment_number", "period_start")
    )
    is_known = ~pl.col("segment").is_in(["all", "unknown"])
    series = ["period_grain", "segment_number"]
    filled = filled.with_columns(
        previous_active_customers=pl.col("active_customers").shift(1).over(series).fill_null(0),
        customers_to_date=pl.col("new_customers").cum_sum().over(series),
        repeat_customers_lifetime=pl.col("second_order_customers").cum_sum().over(series),
        orders_all=pl.col("orders") + pl.when(is_known).then(0).otherwise(pl.col("orders_without_customer")),
        net_sales_all=pl.col("net_sales")
        + pl.when(is_known).then(0).otherwise(pl.col("net_sales_without_customer")),
        returning_customers=pl.col("active_customers") - pl.col("new_customers"),
    ).with_columns(lost_customers=pl.col("previous_active_customers") - pl.col("retained_customers"))
    marts.write("rpt_retention_by_period", filled.select(*PERIOD_COLUMNS, *period_rates()))


PERIOD_COLUMNS: list[pl.Expr] = [
    pl.col(
        "period_grain", "segment_type", "segment", "period_start", "period_end", "is_complete",
        "active_customers", "new_customers", "returning_customers", "previous_active_customers",
        "retained_customers", "lost_customers", "resurrected_customers", "repeat_customers",
        "repeat_customers_to_date", "customers_to_date", "repeat_customers_lifetime", "open_customers",
        "churned_customers", "orders", "orders_all",
    ),
    pl.col("gross_sales", "discounts", "returns").cast(SUM),
    (pl.col("returns") + pl.col("returns_moved")).cast(SUM).alias("returns_posted"),
    pl.col("net_sales", "net_sales_all", "total_sales", "gross_margin").cast(SUM),
]  # fmt: skip


def period_rates() -> list[pl.Expr]:
    """The rates beside the counts of a period."""
    c = pl.col
    frequency = ratio(c("orders"), c("active_customers"))
    order_value = ratio(c("net_sales"), c("orders"))
    rates = {
        "retention_rate": when_complete(c("retained_customers"), c("previous_active_customers")),
        "churn_rate": when_complete(c("lost_customers"), c("previous_active_customers")),
        "inactivity_churn_rate": when_complete(c("churned_customers"), c("open_customers")),
        "repeat_customer_rate": ratio(c("repeat_customers"), c("active_customers")),
        "repeat_customer_rate_to_date": ratio(c("repeat_customers_to_date"), c("active_customers")),
        "repeat_customer_rate_lifetime": ratio(c("repeat_customers_lifetime"), c("customers_to_date")),
        "returning_customer_share": ratio(c("returning_customers"), c("active_customers")),
        "purchase_frequency": frequency,
        "average_order_value": order_value,
        "average_order_value_before_returns": ratio(c("gross_sales") - c("discounts"), c("orders")),
        "average_order_value_total": ratio(c("total_sales"), c("orders")),
        "customer_value": frequency * order_value,
    }
    return [rate.alias(name) for name, rate in rates.items()]


def when_complete(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """A ratio, NULL until its period is over."""
    return pl.when("is_complete").then(ratio(numerator, denominator))


def count_churned(
    numbered: pl.DataFrame, customers: pl.DataFrame, customer_periods: pl.DataFrame, as_of
) -> pl.DataFrame:
    """Open customers with a churn day in the period, once each."""
    before_next = numbered.filter(pl.col("order_date") > pl.col("previous_order_date") + CHURN_AFTER).select(
        "customer_id", "segment_combination", pl.col("previous_order_date").alias("last_order_date")
    )
    after_last = customers.filter(pl.col("customer_last_order_date") + CHURN_AFTER <= as_of).select(
        "customer_id", "segment_combination", pl.col("customer_last_order_date").alias("last_order_date")
    )
    churn_days = pl.concat([before_next, after_last])
    key = ["customer_id", "period_start"]
    counted = []
    for grain, every in GRAINS.items():
        churned = churn_days.with_columns(
            period_start=(pl.col("last_order_date") + CHURN_AFTER).dt.truncate(every)
        )
        is_before = pl.col("last_order_date") < pl.col("period_start")
        was_open = churned.filter(is_before)
        # Ordered in the period and churned in it: open at its start if the order before says so.
        was_open_before = (
            customer_periods.filter(pl.col("period_grain") == grain)
            .filter(pl.col("previous_order_date") + CHURN_AFTER >= pl.col("period_start"))
            .select(key)
        )
        again = churned.filter(~is_before).join(was_open_before, on=key, how="semi")
        if again.height:
            was_open = pl.concat([was_open, again]).unique(key)
        counted.append(
            was_open.group_by("period_start", "segment_combination")
            .agg(churned_customers=pl.len().cast(pl.Int64))
            .select(pl.lit(grain).alias("period_grain"), pl.all())
        )
    return pl.concat(counted)


def count_opened(numbered: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """By how many the open customers of a day are more or fewer than those of the day before."""
    day = pl.duration(days=1)
    closed = pl.min_horizontal("order_date", pl.col("previous_order_date") + CHURN_AFTER)
    changes = [
        (numbered.select("segment_combination", date_day=pl.col("order_date") + day), 1),
        (
            numbered.filter(~pl.col("is_first_order")).select("segment_combination", date_day=closed + day),
            -1,
        ),
        (
            customers.select(
                "segment_combination", date_day=pl.col("customer_last_order_date") + CHURN_AFTER + day
            ),
            -1,
        ),
    ]
    return pl.concat(
        [
            days.group_by("segment_combination", "date_day").agg(
                open_customers_change=pl.len().cast(pl.Int64) * sign
            )
            for days, sign in changes
        ]
    )


def open_at_starts(opened: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """The customers open on the first day of each period."""
    running = (
        opened.sort("date_day")
        .with_columns(open_customers=pl.col("open_customers_change").cum_sum().over("segment_number"))
        .select("date_day", "segment_number", "open_customers")
    )
    starts = (
        periods.select("period_grain", "period_start")
        .join(running.select(pl.col("segment_number").unique()), how="cross")
        .sort("period_start")
    )
    return starts.join_asof(
        running, left_on="period_start", right_on="date_day", by="segment_number", check_sortedness=False
    ).drop("date_day")


def sum_without_customer(orders: pl.DataFrame) -> pl.DataFrame:
    """Orders and net sales by period of counted orders that are nobody's."""
    guests = orders.filter(pl.col("is_counted") & pl.col("customer_id").is_null())
    return pl.concat(
        [
            guests.group_by(period_start=pl.col("order_date").dt.truncate(every))
            .agg(
                orders_without_customer=pl.len().cast(pl.Int64),
                net_sales_without_customer=pl.col("net_sales").sum(),
            )
            .select(pl.lit(grain).alias("period_grain"), pl.all())
            for grain, every in GRAINS.items()
        ]
    )


def build_retention_by_cohort(
    marts: Marts, activity: pl.DataFrame, periods: pl.DataFrame, segments: pl.DataFrame
) -> None:
    """Write rpt_retention_by_cohort: each cohort's periods, dense from 0 to that of as_of."""
    numbers = periods.select("period_grain", "period_start", "period_index")
    cohort_numbers = numbers.rename({"period_start": "cohort_start", "period_index": "cohort_index"})
    key = ["period_grain", "cohort_index", "period_index"]
    measures = [
        "active_customers", "second_order_customers", "last_active_customers", "orders", "orders_with_cost",
        "net_sales", "gross_margin",
    ]  # fmt: skip
    by_segment = sum_segments(
        activity.join(numbers, on=["period_grain", "period_start"])
        .join(cohort_numbers, on=["period_grain", "cohort_start"])
        .select(*key, "segment_combination", *measures),
        segments,
        key,
    )
    spine = (
        by_segment.filter(pl.col("cohort_index") == pl.col("period_index"))
        .select(
            "period_grain",
            "cohort_index",
            "segment_number",
            pl.col("active_customers").alias("cohort_size"),
            pl.col("net_sales").alias("first_period_net_sales"),
        )
        .join(cohort_numbers, on=["period_grain", "cohort_index"])
        .join(periods, on="period_grain")
        .filter(pl.col("cohort_index") <= pl.col("period_index"))
    )
    series = ["period_grain", "cohort_index", "segment_number"]
    filled = (
        spine.join(by_segment, on=[*key, "segment_number"], how="left")
        .with_columns(pl.when(pl.col("orders_with_cost") > 0).then(pl.col("gross_margin")))
        .with_columns(pl.col(measures[:-1]).fill_null(0))
        .sort(*series, "period_index")
        .with_columns(
            on_or_after_customers=pl.col("cohort_size")
            - pl.col("last_active_customers").cum_sum().over(series)
            + pl.col("last_active_customers"),
            repurchased_customers=pl.col("second_order_customers").cum_sum().over(series),
            cumulative_orders=pl.col("orders").cum_sum().over(series),
            cumulative_net_sales=pl.col("net_sales").cum_sum().over(series),
        )
        .join(segments.select("segment_number", "segment_type", "segment").unique(), on="segment_number")
    )
    marts.write(
        "rpt_retention_by_cohort",
        filled.select(
            "period_grain",
            "cohort_start",
            (pl.col("period_index") - pl.col("cohort_index")).cast(pl.Int64).alias("period_number"),
            "segment_type",
            "segment",
            "period_start",
            "period_end",
            "is_complete",
            "cohort_size",
            "active_customers",
            "on_or_after_customers",
            "repurchased_customers",
            "orders",
            "cumulative_orders",
            pl.col("net_sales", "cumulative_net_sales", "gross_margin").cast(SUM),
            when_complete(pl.col("active_customers"), pl.col("cohort_size")).alias("retention_rate"),
            when_complete(pl.col("on_or_after_customers"), pl.col("cohort_size")).alias(
                "on_or_after_retention_rate"
            ),
            when_complete(pl.col("repurchased_customers"), pl.col("cohort_size")).alias("repurchase_rate"),
            when_complete(pl.col("net_sales"), pl.col("first_period_net_sales")).alias("net_sales_retention"),
            when_complete(pl.col("cumulative_net_sales"), pl.col("cohort_size")).alias("cumulative_ltv"),
        ),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
