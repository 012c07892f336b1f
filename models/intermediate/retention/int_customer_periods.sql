{{ config(materialized='increment') }}

-- fct_customer_periods as it stood on as_of: only the period of as_of can hold later orders, and they
-- are taken off again. The periods before it pass through untouched, since they are nearly all of the
-- table. In a batch: what the periods of touched customers were and are, with weight -1 and 1.

-- depends_on: {{ ref('int_order_changes_as_of') }}

{%- if is_batch() %}

with orders as (
    select * from {{ ref('int_order_changes_as_of') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

{{ customer_periods(by_weight=true) }}

select * from placed_in_time
{%- else %}

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

last_periods as (
    select
        date_periods.period_grain,
        date_periods.period_start
    from {{ ref('int_date_periods') }} as date_periods
    inner join as_of
        on date_periods.date_day = as_of.as_of_date
),

later_orders as (
    select
        last_periods.period_grain,
        last_periods.period_start,
        orders.customer_id,
        count(*) as orders,
        sum(orders.gross_sales) as gross_sales,
        sum(orders.discounts) as discounts,
        sum(orders.returns) as returns,
        sum(orders.net_sales) as net_sales,
        sum(orders.total_sales) as total_sales,
        sum(orders.gross_margin) as gross_margin,
        count(orders.gross_margin) as orders_with_cost
    from {{ ref('fct_orders') }} as orders
    cross join as_of
    inner join {{ ref('int_date_periods') }} as date_periods
        on orders.order_date = date_periods.date_day
    inner join last_periods
        on
            date_periods.period_grain = last_periods.period_grain
            and date_periods.period_start = last_periods.period_start
    where
        orders.order_number is not null
        and orders.order_date > as_of.as_of_date
    group by 1, 2, 3
),

-- A left join that drops nothing: of an inner one engines guess that few rows pass, and readers would have
-- these hashed, and not the customers that they are joined with.
earlier_periods as (
    select
        customer_periods.period_grain,
        customer_periods.period_start,
        customer_periods.customer_id,
        customer_periods.orders,
        customer_periods.gross_sales,
        customer_periods.discounts,
        customer_periods.returns,
        customer_periods.net_sales,
        customer_periods.total_sales,
        customer_periods.gross_margin,
        customer_periods.orders_with_cost,
        customer_periods.is_new,
        customer_periods.is_retained,
        customer_periods.is_resurrected,
        customer_periods.orders_to_date,
        customer_periods.first_order_date,
        customer_periods.previous_order_date,
        customer_periods.cohort_start,
        customer_periods.period_number
    from {{ ref('fct_customer_periods') }} as customer_periods
    left join last_periods
        on customer_periods.period_grain = last_periods.period_grain
    where last_periods.period_start is null or customer_periods.period_start < last_periods.period_start
),

last_period_as_it_stood as (
    select
        customer_periods.period_grain,
        customer_periods.period_start,
        customer_periods.customer_id,
        customer_periods.orders - coalesce(later_orders.orders, 0) as orders,
        cast(customer_periods.gross_sales - coalesce(later_orders.gross_sales, 0) as decimal(18, 4)) as gross_sales,
        cast(customer_periods.discounts - coalesce(later_orders.discounts, 0) as decimal(18, 4)) as discounts,
        cast(customer_periods.returns - coalesce(later_orders.returns, 0) as decimal(18, 4)) as returns,
        cast(customer_periods.net_sales - coalesce(later_orders.net_sales, 0) as decimal(18, 4)) as net_sales,
        cast(customer_periods.total_sales - coalesce(later_orders.total_sales, 0) as decimal(18, 4)) as total_sales,
        cast(case
            when customer_periods.orders_with_cost > coalesce(later_orders.orders_with_cost, 0)
                then customer_periods.gross_margin - coalesce(later_orders.gross_margin, 0)
        end as decimal(18, 4)) as gross_margin,
        customer_periods.orders_with_cost - coalesce(later_orders.orders_with_cost, 0) as orders_with_cost,
        customer_periods.is_new,
        customer_periods.is_retained,
        customer_periods.is_resurrected,
        customer_periods.orders_to_date - coalesce(later_orders.orders, 0) as orders_to_date,
        customer_periods.first_order_date,
        customer_periods.previous_order_date,
        customer_periods.cohort_start,
        customer_periods.period_number
    from {{ ref('fct_customer_periods') }} as customer_periods
    inner join last_periods
        on
            customer_periods.period_grain = last_periods.period_grain
            and customer_periods.period_start = last_periods.period_start
    left join later_orders
        on
            customer_periods.period_grain = later_orders.period_grain
            and customer_periods.period_start = later_orders.period_start
            and customer_periods.customer_id = later_orders.customer_id
    where customer_periods.orders > coalesce(later_orders.orders, 0)
),

as_it_stood as (
    select * from earlier_periods
    union all
    select * from last_period_as_it_stood
)

select * from as_it_stood
{%- endif %}
