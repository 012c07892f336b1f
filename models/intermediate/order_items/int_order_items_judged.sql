{{ config(materialized='view') }}

with order_items as (
    select * from {{ ref('stg_order_items') }}
),

orders as (
    select
        order_id,
        customer_id,
        exchange_rate,
        is_counted,
        order_date
    from {{ ref('int_orders') }}
),

judged as (
    select
        order_items.*,
        orders.customer_id,
        orders.exchange_rate,
        orders.is_counted,
        orders.order_date,
        {{ rejection_reasons('order_items.row_rejection_reasons', {
            'unknown_order': 'order_items.order_id is not null and orders.order_id is null',
        }) }} as rejection_reasons
    from order_items
    left join orders
        on order_items.order_id = orders.order_id
)

select * from judged
