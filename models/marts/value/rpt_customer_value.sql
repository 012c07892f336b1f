{{ config(materialized='view') }}

with customer_orders as (
    select * from {{ ref('int_customer_orders').include(database=false) }}
    where orders > 0
),

as_of as (
    select as_of_date from {{ ref('int_as_of').include(database=false) }}
),

customers_aged as (
    select
        customer_orders.*,
        {{ days_between('customer_orders.last_order_date', 'as_of.as_of_date') }} as recency_days,
        {{ days_between('customer_orders.first_order_date', 'customer_orders.last_order_date') }}
            as days_first_to_last_order,
        {{ days_between('customer_orders.first_order_date', 'as_of.as_of_date') }} as customer_age_days
    from customer_orders
    cross join as_of
),

valued as (
    select
        *,
        {{ average_order_value('net_sales', 'orders') }} as average_order_value,
        {{ orders_per_year('orders', 'customer_age_days') }} as orders_per_year,
        cast({{ var('expected_lifespan_years') }} as double) as expected_lifespan_years,
        {{ gross_margin_rate('gross_margin', 'net_sales') }} as gross_margin_rate,
        {{ mean_repeat_day_value('repeat_day_net_sales', 'repeat_purchase_days') }} as mean_repeat_day_value
    from customers_aged
),

lifetime_values as (
    select
        customer_id,
        cast(orders as bigint) as orders,
        cast(repeat_purchase_days as bigint) as repeat_purchase_days,
        cast(recency_days as bigint) as recency_days,
        cast(days_first_to_last_order as bigint) as days_first_to_last_order,
        cast(customer_age_days as bigint) as customer_age_days,
        cast(net_sales as decimal(28, 4)) as net_sales,
        cast(gross_margin as decimal(28, 4)) as gross_margin,
        mean_repeat_day_value,
        average_order_value,
        orders_per_year,
        expected_lifespan_years,
        gross_margin_rate,
        {{ lifetime_value('average_order_value', 'orders_per_year', 'expected_lifespan_years', 'gross_margin_rate') }}
            as formula_ltv,
        first_order_date,
        last_order_date
    from valued
)

select * from lifetime_values
