"""The least that can be done: read the columns that the figures are made of, and sum them once per customer.

    python -m benchmarks.floor RAW_DIRECTORY
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.raw import raw_files
from landing.warehouse import connect

SUM_ORDERS = """
    create temp table customer_orders as
    select
        customer_id,
        count(*) as orders,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        sum(subtotal_amount) as gross_sales,
        sum(discount_amount) as discounts,
        sum(refunded_amount) as returns,
        sum(shipping_amount) as shipping,
        sum(refunded_shipping_amount) as refunded_shipping,
        sum(tax_amount) as tax,
        sum(refunded_tax_amount) as refunded_tax,
        sum(cost_amount) as cost,
        min(sales_channel) as sales_channel
    from read_parquet(getvariable('orders'))
    where status <> 'cancelled' and not is_test
    group by customer_id
"""

SUM_LEDGER = """
    create temp table customer_points as
    select
        customer_id,
        program_id,
        sum(points) filter (where transaction_type = 'earn') as points_earned,
        sum(points) filter (where transaction_type = 'redeem') as points_redeemed,
        sum(points) filter (where transaction_type not in ('earn', 'redeem')) as other_points,
        min(occurred_at) as first_entry_at,
        max(available_at) as last_available_at
    from read_parquet(getvariable('loyalty_transactions'))
    group by customer_id, program_id
"""


def main(raw_directory: str) -> None:
    """Sum orders per customer and the ledger per customer and programme, and keep nothing."""
    connection = connect()
    for table in ("orders", "loyalty_transactions"):
        # A parameter would do, but has duckdb import pandas, which costs more than the scans.
        connection.execute(f"set variable {table} = {raw_files(Path(raw_directory), table)}")
    connection.execute(SUM_ORDERS)
    connection.execute(SUM_LEDGER)


if __name__ == "__main__":
    main(*sys.argv[1:])
