"""What was found, and what it spans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from doctor.patient import Patient


def row_counts(patient: Patient) -> dict[str, int]:
    """Rows as they came, by found table."""
    return {
        table.name: patient.value(f"select count(*) from {found.relation}")
        for table, found in patient.present
    }


def empty_columns(patient: Patient) -> dict[str, list[str]]:
    """Declared columns that are there and hold nothing, by table; none for a table without rows."""
    empty = {}
    for table, found in patient.present:
        names = [name for name in table.columns if name in found.columns]
        filled = ", ".join(
            f"count(nullif(trim(cast({found.columns[name]['identifier']} as varchar)), '')) "
            f'as "{name}"'
            for name in names
        )
        [counts] = patient.rows(f"select count(*) as rows, {filled} from {found.relation}")
        if counts.pop("rows"):
            empty[table.name] = [name for name, count in counts.items() if not count]
    return empty


@dataclass(frozen=True)
class Span:
    """What the accepted orders are, all in all. Dates are None where there are none.

    `last_idle_days` lie without orders before the last day that has some.
    """

    orders: int
    counted_orders: int
    test_orders: int
    orders_of_guests: int
    orders_of_guests_with_account: int
    orders_without_customer: int
    orders_of_merged_accounts: int
    customers: int
    first_date: date | None
    last_date: date | None
    as_of_date: date | None
    last_idle_days: int | None
    longest_idle_days_before: int | None


def span(patient: Patient) -> Span:
    """Dates, orders and customers of the accepted orders."""
    orders = patient.model("fct_orders")
    [row] = patient.rows(
        f"""
        with order_days as (
            select
                order_date,
                order_date - lag(order_date) over (order by order_date) - 1 as idle_days
            from (select distinct order_date from {orders})
        )

        select
            count(*) as orders,
            count(*) filter (where is_counted) as counted_orders,
            count(*) filter (where is_test) as test_orders,
            count(*) filter (where is_guest) as orders_of_guests,
            count(*) filter (
                where is_guest and not starts_with(customer_id, 'guest:')
            ) as orders_of_guests_with_account,
            count(*) filter (where customer_id is null) as orders_without_customer,
            count(*) filter (where source_customer_id <> customer_id) as orders_of_merged_accounts,
            count(distinct customer_id) as customers,
            min(order_date) as first_date,
            max(order_date) as last_date,
            (select max(as_of_date) from {patient.model("int_as_of")}) as as_of_date,
            (select max_by(idle_days, order_date) from order_days) as last_idle_days,
            (
                select max(idle_days)
                from order_days
                where order_date < (select max(order_date) from order_days)
            ) as longest_idle_days_before
        from {orders}
        """
    )
    return Span(**row)
