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
# A rate that has stood in for so many days was rather forgotten than unchanged.
STALE_DAYS = 7
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
        *_orders_without_rate(patient),
        *_stale_rates(patient),
        *_refunds(patient),
        *_lines(patient),
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
    [row] = patient.rows(
        f"""
        select
            count(*) as emails,
            coalesce(sum(customers), 0) as customers,
            (
                select count(*)
                from {patient.model("fct_orders")} as orders
                inner join {patient.model("int_guest_identities")} as guests
                    on guests.guest_customer_id = orders.customer_id
                where orders.is_guest and guests.rule = 'shared_email'
            ) as orders_of_guests
        from (
            select count(*) as customers
            from {patient.model("int_customers")}
            where email is not null
            group by email
            having count(*) > 1
        )
        """
    )
    if row["emails"]:
        yield (
            f"{_these(row['emails'], 'e-mail address', 'e-mail addresses')} shared by "
            f"{row['customers']:,} accounts. An address merges no accounts: only "
            "customer_aliases does."
        )
    if row["orders_of_guests"]:
        yield (
            f"{_these(row['orders_of_guests'], 'order')} of guests whose address more accounts hold "
            f"than max_customers_per_email ({patient.variables['max_customers_per_email']}): kept "
            "apart from all of them."
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
    [known] = patient.rows(
        "select count(source_customer_id) as orders, count(distinct source_customer_id) as ids "
        f"from {patient.model('fct_orders')}"
    )
    if known["orders"] >= ENOUGH_ORDERS and known["ids"] > CUSTOMERS_PER_ORDER * known["orders"]:
        yield (
            f"{known['ids']:,} customers have {known['orders']:,} orders: nearly each order has "
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


def _orders_without_rate(patient: Patient) -> Iterator[str]:
    reporting = str(patient.variables["reporting_currency"]).upper()
    currencies = patient.rows(
        f"""
        select currency, count(*) as rows
        from {patient.model("quarantine_orders")}
        where list_contains(string_split(rejection_reasons, ','), 'missing_exchange_rate')
            and ordered_at is not null
        group by 1
        order by rows desc, currency
        """
    )
    if currencies:
        listed = ", ".join(
            f"{row['currency']} ({_these(row['rows'], 'order', verb='')})" for row in currencies[:5]
        )
        yield (
            f"Currencies other than {reporting}, without a rate: {listed}. exchange_rates must "
            "begin with the first order; a shop of one currency sets reporting_currency to it."
        )


def _stale_rates(patient: Patient) -> Iterator[str]:
    """The longest time that each currency's last known rate has stood in."""
    for row in patient.rows(
        f"""
        select
            currency,
            max_by(rate_date, order_date - rate_date) as rate_date,
            max(order_date - rate_date) as days
        from {patient.model("int_order_exchange_rates")}
        group by currency
        having max(order_date - rate_date) > {STALE_DAYS}
        order by currency
        """
    ):
        yield (
            f"{row['currency']} has no rate for {row['days']:,} days after {row['rate_date']}: "
            "orders are converted at that one until the next. Is exchange_rates complete?"
        )


def _refunds(patient: Patient) -> Iterator[str]:
    if not patient.found.get("refunds"):
        return
    fct_orders, fct_refunds = patient.model("fct_orders"), patient.model("fct_refunds")
    [row] = patient.rows(
        f"""
        with refunded as (
            select order_id, sum(original_refund_amount) as amount
            from {fct_refunds}
            group by order_id
        ),

        own as (
            select distinct raw_orders.order_id, raw_orders.refunded_amount as amount
            from conformed.orders as raw_orders
            inner join {fct_orders} as orders
                on orders.order_id = raw_orders.order_id
                and orders.updated_at is not distinct from raw_orders.updated_at
                and orders._loaded_at is not distinct from raw_orders._loaded_at
            where raw_orders.refunded_amount > 0
        )

        select
            (
                select count(distinct own.order_id)
                from own
                inner join refunded on refunded.order_id = own.order_id
                where own.amount <> refunded.amount
            ) as differing,
            (
                select count(*)
                from {patient.model("quarantine_refunds")} as rejected
                inner join {fct_orders} as orders on orders.order_id = rejected.order_id
            ) as rejected
        """
    )
    if row["differing"]:
        yield (
            f"{_these(row['differing'], 'order')} refunded otherwise by refunded_amount than by the "
            "rows in refunds: the rows count, refunded_amount does not."
        )
    if row["rejected"]:
        yield (
            f"{_these(row['rejected'], 'refund')} rejected although the order is there: net sales "
            "are too high by as much until that is put right."
        )


def _lines(patient: Patient) -> Iterator[str]:
    gaps = patient.value(f"select count(*) from {patient.model('rpt_item_order_gaps')}")
    if gaps:
        yield (
            f"{_these(gaps, 'order', verb='differs,differ')} from the lines in order_items: figures "
            "by product will not add up to those by order. marts.rpt_item_order_gaps lists them."
        )


def _these(count: int, one: str, many: str = "", verb: str = "is,are") -> str:
    """1 order is, 2 orders are."""
    singular, _, plural = verb.partition(",")
    noun, verb = (one, singular) if count == 1 else (many or f"{one}s", plural)
    return f"{count:,} {noun} {verb}".strip()


def _lonely_last_day(spanned: Span) -> Iterator[str]:
    usual = max(IDLE_DAYS, spanned.longest_idle_days_before or 0)
    if (spanned.last_idle_days or 0) > usual:
        yield (
            f"The {spanned.last_idle_days} days before the last order ({spanned.last_date}) have "
            "none: if that order is a stray, set as_of_date to the day before them."
        )
