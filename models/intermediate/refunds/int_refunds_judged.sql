{{ config(materialized='view') }}

with refunds as (
    select * from {{ ref('stg_refunds') }}
),

orders as (
    select order_id from {{ ref('int_orders') }}
),

judged as (
    select
        refunds.*,
        {{ rejection_reasons('refunds.row_rejection_reasons', {
            'unknown_order': 'refunds.order_id is not null and orders.order_id is null',
        }) }} as rejection_reasons
    from refunds
    left join orders
        on refunds.order_id = orders.order_id
)

select * from judged
