{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_customers'}}
) }}

-- A customer's days with an order and the ones around them: states, intervals and visits go by days,
-- and two orders on one day are one. Like the facts it does not move with as_of.

-- depends_on: {{ ref('int_batch_order_days_before') }}

with orders as (
    select
        customer_id,
        order_date,
        previous_order_date,
        net_sales
    from {{ ref('int_batch_orders') }}
    where order_number is not null
),

order_days as (
    select
        customer_id,
        order_date,
        -- A day's later orders follow one of the same day.
        min(previous_order_date) filter (where previous_order_date < order_date) as previous_order_date,
        count(*) as orders,
        cast(sum(net_sales) as decimal(18, 4)) as net_sales
    from orders
    group by 1, 2
),

neighbours as (
    select
        *,
        lag(previous_order_date) over customer_days as order_date_before_previous,
        lead(order_date) over customer_days as next_order_date
    from order_days
    window customer_days as (
        partition by customer_id
        order by order_date
    )
),

order_days_with_state as (
    select
        *,
        {{ state_after_order('order_date', 'previous_order_date') }} as state_after_order
    from neighbours
)

select * from order_days_with_state
