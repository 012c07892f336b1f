-- Customers who were open (not churned) at the start of a period, told as changes: how many more
-- or fewer than at the start of the period before.
--
-- An order keeps its customer open from the day after it to its churn day, but no longer than to
-- the day of the next order (or as_of): the days on which it is the last order before.

with customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

grains as (
    select distinct period_grain from date_periods
),

open_spans as (
    select
        period_grain,
        customer_id,
        previous_order_date as last_order_date,
        least(first_order_date, {{ churn_date('previous_order_date') }}) as last_open_date
    from customer_periods
    where previous_order_date is not null

    union all

    select
        grains.period_grain,
        customers.customer_id,
        customers.last_order_date,
        least(as_of.as_of_date, {{ churn_date('customers.last_order_date') }}) as last_open_date
    from customers
    cross join grains
    cross join as_of
),

open_periods as (
    select
        open_spans.period_grain,
        open_spans.customer_id,
        first_periods.next_period_start as opened_period_start,
        last_periods.next_period_start as closed_period_start
    from open_spans
    inner join date_periods as first_periods
        on
            open_spans.period_grain = first_periods.period_grain
            and open_spans.last_order_date = first_periods.date_day
    inner join date_periods as last_periods
        on
            open_spans.period_grain = last_periods.period_grain
            and open_spans.last_open_date = last_periods.date_day
    where first_periods.next_period_start < last_periods.next_period_start
),

open_periods_by_segment as (
    select
        open_periods.period_grain,
        open_periods.opened_period_start,
        open_periods.closed_period_start,
        {{- segment_columns('customers') }}
        count(*) as customers
    from open_periods
    inner join customers
        on open_periods.customer_id = customers.customer_id
    {{ group_by_segments(3) }}
),

changes as (
    select
        period_grain,
        opened_period_start as period_start,
        {{- segment_columns() }}
        customers as open_customers_change
    from open_periods_by_segment
    union all
    select
        period_grain,
        closed_period_start as period_start,
        {{- segment_columns() }}
        -customers as open_customers_change
    from open_periods_by_segment
)

select * from changes
