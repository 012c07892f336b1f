{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_arrived_refunds') }}
-- depends_on: {{ ref('int_touched_orders') }}

with refunds as (
    {%- if is_batch() %}
    select *
    from {{ ref('stg_refunds') }}
    where refund_id in (
        select refunds.refund_id
        from {{ ref('stg_refunds') }} as refunds
        inner join {{ ref('int_touched_orders') }} as touched_orders
            on refunds.order_id = touched_orders.order_id
        union distinct
        select refund_id from {{ ref('int_arrived_refunds') }}
    )
    union all
    select *
    from {{ ref('stg_refunds') }}
    where refund_id is null and {{ are_keyless_rows_read('refunds') }}
    {%- else %}
    select * from {{ ref('stg_refunds') }}
    {%- endif %}
),

orders as (
    select order_id
    from {{ ref('int_orders') }}
    {%- if is_batch() %}
    where order_id in (select order_id from refunds)
    {%- endif %}
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
