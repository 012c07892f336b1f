{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}}
) }}

-- The version of each refund that stands, with what its order leaves to refund: the first refund that
-- passes it and all after it are rejected.

with standing as (
    {{ standing_versions(ref('int_refunds_judged'), ref('int_refund_versions')) }}
),

orders as (
    select * from {{ ref('int_orders') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

cumulated as (
    select
        standing.row_key,
        standing.refund_id,
        standing.order_id,
        orders.customer_id,
        standing.reason,
        orders.exchange_rate,
        standing.refund_amount,
        standing.refunded_shipping_amount,
        standing.refunded_tax_amount,
        sum(standing.refund_amount) over (
            partition by standing.order_id
            order by standing.refunded_at, standing.refund_id
            rows between unbounded preceding and current row
        ) as refunded_to_date,
        orders.refundable_amount,
        orders.is_counted,
        orders.order_date,
        {{ to_local_date('standing.refunded_at') }} as refund_date,
        standing.refunded_at,
        standing.updated_at,
        standing._loaded_at,
        standing.raw_row
    from standing
    inner join orders
        on standing.order_id = orders.order_id
),

judged as (
    select
        *,
        {{ rejection_reasons('cast(null as ' ~ dbt.type_string() ~ ')', {
            'refund_exceeds_order': 'refunded_to_date > refundable_amount',
        }) }} as rejection_reasons
    from cumulated
)

select * from judged
