{{ config(materialized='view') }}

with orders as (
    select * from {{ ref('stg_orders') }}
),

order_statuses as (
    select * from {{ ref('order_statuses') }}
),

judged as (
    select
        orders.*,
        order_statuses.is_counted as is_counted_status,
        order_statuses.is_cancelled,
        {{ rejection_reasons('orders.row_rejection_reasons', {
            'unknown_status': 'order_statuses.status is null',
            'missing_exchange_rate': "orders.currency <> '" ~ var('reporting_currency') | upper ~ "'",
        }) }} as rejection_reasons
    from orders
    left join order_statuses
        on orders.status = lower(trim(order_statuses.status))
)

select * from judged
