-- Each counted order's place among its customer's. Only orders with a customer: a NULL partition would
-- number every guest order as the repeat of another guest's. Three narrow columns go through the
-- window and are joined back: carrying whole orders through it costs more CPU and spills.

with orders as (
    select
        order_id,
        customer_id,
        ordered_at,
        order_date
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null
),

numbered as (
    select
        order_id,
        row_number() over customer_orders as order_number,
        lag(ordered_at) over customer_orders as previous_order_at,
        lag(order_date) over customer_orders as previous_order_date,
        first_value(order_date) over customer_orders as customer_first_order_date
    from orders
    window customer_orders as (
        partition by customer_id
        order by ordered_at, order_id
    )
)

select * from numbered
