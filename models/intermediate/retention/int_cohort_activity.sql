-- What the customers of each cohort did in their period k, by combination of segments.

with customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

activity as (
    select
        customer_periods.period_grain,
        customer_periods.cohort_start,
        customer_periods.period_number,
        {{- segment_columns('customers') }}
        count(*) as active_customers,
        count(*) filter (
            where
            customer_periods.orders_to_date >= 2
            and customer_periods.orders_to_date - customer_periods.orders < 2
        ) as second_order_customers,
        0 as last_active_customers,
        sum(customer_periods.orders) as orders,
        sum(customer_periods.net_sales) as net_sales,
        sum(customer_periods.gross_margin) as gross_margin
    from customer_periods
    inner join customers
        on customer_periods.customer_id = customers.customer_id
    {{ group_by_segments(3) }}
),

last_activity as (
    select
        cohort_periods.period_grain,
        cohort_periods.period_start as cohort_start,
        last_periods.period_index - cohort_periods.period_index as period_number,
        {{- segment_columns('customers') }}
        0 as active_customers,
        0 as second_order_customers,
        count(*) as last_active_customers,
        0 as orders,
        0 as net_sales,
        null as gross_margin
    from customers
    inner join date_periods as cohort_periods
        on customers.first_order_date = cohort_periods.date_day
    inner join date_periods as last_periods
        on
            customers.last_order_date = last_periods.date_day
            and cohort_periods.period_grain = last_periods.period_grain
    {{ group_by_segments(3) }}
),

cohort_activity as (
    select * from activity
    union all
    select * from last_activity
)

select * from cohort_activity
