{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}}
) }}

-- What the refunds of an order add up to. An order whose refunds are all rejected is here with 0: it has
-- rows in refunds, so its own refunded columns count no more.

with orders as (
    select * from {{ ref('int_orders_with_refunds') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

refunds as (
    select * from {{ ref('fct_refunds') }}
),

summed as (
    select
        orders.order_id,
        cast(coalesce(sum(refunds.refund_amount), 0) as decimal(18, 4)) as returns,
        cast(coalesce(sum(refunds.refunded_shipping_amount), 0) as decimal(18, 4)) as refunded_shipping,
        cast(coalesce(sum(refunds.refunded_tax_amount), 0) as decimal(18, 4)) as refunded_tax,
        cast(coalesce(sum(refunds.original_refund_amount), 0) as decimal(18, 4)) as original_returns,
        cast(coalesce(sum(
            refunds.original_refund_amount
            + refunds.original_refunded_shipping_amount
            + refunds.original_refunded_tax_amount
        ), 0) as decimal(18, 4)) as original_refunds
    from orders
    left join refunds
        on orders.order_id = refunds.order_id
    group by orders.order_id
)

select * from summed
