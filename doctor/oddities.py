"""What is not wrong by itself and often hides a mistake: one sentence for each."""

from __future__ import annotations

from collections.abc import Iterator

from doctor.build import Found
from doctor.declaration import Column, Table
from doctor.findings import Span
from doctor.patient import Patient

# Ids that shops write where there is no customer.
NOBODY = ("0", "-1", "guest", "none", "null", "n/a", "na", "unknown", "anonymous")
# One id with more than this share of the orders is rarely a person, if it has a few orders.
IMPLAUSIBLE_SHARE = 0.01
IMPLAUSIBLE_ORDERS = 20
# More customers than this share of the orders: hardly anybody ever came back, or ids are per order.
CUSTOMERS_PER_ORDER = 0.98
ENOUGH_ORDERS = 20
# So many days without orders, and more than ever before, make the last order a stray.
IDLE_DAYS = 7

# Ids that a spreadsheet or a data frame has had its hands on.
A_FLOAT = r"\d+\.0+"
AN_EXPONENT = r"\d(\.\d+)?[eE]\+?\d+"


def oddities(patient: Patient, spanned: Span) -> list[str]:
    """Every sentence that applies."""
    return [
        *_numbers_as_ids(patient),
        *_lost_zeros(patient),
        *_shared_emails(patient),
        *_customers_that_are_none(patient, spanned),
        *_times_of_day(patient),
        *_currencies(patient),
        *_lonely_last_day(spanned),
    ]


def _id_columns(patient: Patient) -> Iterator[tuple[Table, Found, Column]]:
    for table, found in patient.present:
        for column in table.columns.values():
            if column.is_id and column.name in found.columns:
                yield table, found, column


def _numbers_as_ids(patient: Patient) -> Iterator[str]:
    for table, found, column in _id_columns(patient):
        identifier, kind = found.columns[column.name].values()
        name = f"{table.name}.{column.name}"
        if kind in ("double", "float"):
            yield f"{name} is a float: 12345.0 is read as 12345; ids over 15 digits are damaged."
        elif kind.endswith(("int", "integer")):
            yield f"{name} is a number: if your ids begin with zeros, they have lost them."
        elif kind == "varchar":
            floats, exponents = (
                patient.value(
                    f"select count(*) from {found.relation} "
                    f"where regexp_full_match(trim({identifier}), '{pattern}')"
                )
                for pattern in (A_FLOAT, AN_EXPONENT)
            )
            if floats:
                yield f"{name} looks like a float in {floats:,} rows: 12345.0 is read as 12345."
            if exponents:
                yield (
                    f"{name} looks like 1.2E+10 in {exponents:,} rows: a spreadsheet has damaged "
                    "these ids; export them as text."
                )


def _lost_zeros(patient: Patient) -> Iterator[str]:
    """Ids of one table that are found in customers only once zeros in front are left out."""
    if not patient.found.get("customers"):
        return
    for table, _, column in _id_columns(patient):
        if column.name != "customer_id" or table.name == "customers":
            continue
        lost = patient.value(
            f"""
            with ids as (select distinct customer_id as id from conformed.{table.name}),
            customers as (select distinct customer_id as id from conformed.customers)
            select count(*)
            from ids
            where id not in (select id from customers where id is not null)
                and ltrim(id, '0') in (select ltrim(id, '0') from customers where id is not null)
            """
        )
        if lost:
            yield (
                f"{lost:,} ids of {table.name}.customer_id differ from customers.customer_id by "
                "zeros in front alone: a spreadsheet has turned one of them into numbers."
            )


def _shared_emails(patient: Patient) -> Iterator[str]:
    """Only counts: an address is nobody's business."""
    if not patient.found.get("customers"):
        return
    [row] = patient.rows(
        """
        select count(*) as emails, coalesce(sum(customers), 0) as customers
        from (
            select count(distinct customer_id) as customers
            from conformed.customers
            where email is not null
            group by lower(trim(email))
            having count(distinct customer_id) > 1
        )
        """
    )
    if row["emails"]:
        yield (
            f"{row['emails']:,} e-mail addresses are shared by {row['customers']:,} customers. "
            "Accounts are not merged by their addresses: each is a customer of its own."
        )


def _customers_that_are_none(patient: Patient, spanned: Span) -> Iterator[str]:
    top = patient.rows(
        f"""
        select source_customer_id as id, count(*) as orders
        from {patient.model("fct_orders")}
        where source_customer_id is not null
        group by 1
        order by lower(source_customer_id) in {NOBODY} desc, orders desc, id
        limit 1
        """
    )
    for row in top:
        share = row["orders"] / spanned.orders
        is_implausible = share > IMPLAUSIBLE_SHARE and row["orders"] >= IMPLAUSIBLE_ORDERS
        if row["id"].lower() in NOBODY or is_implausible:
            yield (
                f"customer_id {row['id']} has {row['orders']:,} orders, {share:.1%} of "
                "all. If it stands for guests, write NULL: it would be your best customer."
            )
    of_customers = spanned.orders - spanned.orders_without_customer
    if of_customers >= ENOUGH_ORDERS and spanned.customers > CUSTOMERS_PER_ORDER * of_customers:
        yield (
            f"{spanned.customers:,} customers have {of_customers:,} orders: nearly each order has "
            "a customer_id of its own, as with guest checkouts. Find the id of the person, or "
            "leave customer_id empty and give email."
        )


def _times_of_day(patient: Patient) -> Iterator[str]:
    zones = [str(patient.variables[f"{name}_timezone"]) for name in ("raw", "reporting")]
    midnights = [
        f"bool_and(cast(timezone('{zone}', timezone('UTC', ordered_at)) as time) = '00:00:00')"
        for zone in zones
    ]
    in_raw, in_reporting = patient.connection.execute(
        f"select {', '.join(midnights)} from conformed.orders where ordered_at is not null"
    ).fetchone()  # type: ignore[misc]
    if in_raw and not in_reporting:
        yield (
            f"Every ordered_at is midnight in {zones[0]}, another hour in {zones[1]}: give bare "
            "dates, or set raw_timezone to reporting_timezone, or orders change their day."
        )
    elif in_reporting:
        yield (
            "Every ordered_at is midnight: dates without a time. Two orders of a customer on one "
            "day are taken in the order of order_id."
        )


def _currencies(patient: Patient) -> Iterator[str]:
    reporting = str(patient.variables["reporting_currency"]).upper()
    others = patient.rows(
        f"select currency, count(*) as rows from conformed.orders where currency <> '{reporting}' "
        "group by 1 order by rows desc, currency"
    )
    if others:
        listed = ", ".join(f"{row['currency']} ({row['rows']:,} orders)" for row in others[:5])
        yield (
            f"Currencies other than {reporting}: {listed}. If all are one, set "
            "reporting_currency; if not, exchange_rates must hold them."
        )


def _lonely_last_day(spanned: Span) -> Iterator[str]:
    usual = max(IDLE_DAYS, spanned.longest_idle_days_before or 0)
    if (spanned.last_idle_days or 0) > usual:
        yield (
            f"The {spanned.last_idle_days} days before the last order ({spanned.last_date}) have "
            "none: if that order is a stray, set as_of_date to the day before them."
        )
