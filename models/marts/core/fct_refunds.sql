{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}}
) }}

-- depends_on: {{ ref('int_batch_refunds_before') }}

with refunds as (
    select * from {{ ref('int_refunds') }}
    where
        rejection_reasons is null
        and {{ is_touched('order_id', ref('int_touched_orders')) }}
),

converted as (
    select
        refund_id,
        order_id,
        customer_id,
        reason,
        {{ convert_money('refund_amount', 'exchange_rate') }} as refund_amount,
        {{ convert_money('refunded_shipping_amount', 'exchange_rate') }} as refunded_shipping_amount,
        {{ convert_money('refunded_tax_amount', 'exchange_rate') }} as refunded_tax_amount,
        refund_amount as original_refund_amount,
        refunded_shipping_amount as original_refunded_shipping_amount,
        refunded_tax_amount as original_refunded_tax_amount,
        is_counted,
        order_date,
        refund_date,
        greatest(refund_date, order_date) as posted_date,
        refunded_at,
        updated_at,
        _loaded_at
    from refunds
)

select * from converted
