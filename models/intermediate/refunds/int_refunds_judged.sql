{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_arrived_refunds') }}
-- depends_on: {{ ref('int_touched_orders') }}

-- As with orders, what no decimal(18,4) holds is rejected, where the conversion would stop the build.
{%- set reasons = {'unknown_order': 'refunds.order_id is not null and orders.order_id is null'} %}
{%- for amount in ['refund_amount', 'refunded_shipping_amount', 'refunded_tax_amount'] %}
    {%- do reasons.update({
        'unparseable_' ~ amount: 'cast(refunds.' ~ amount ~ ' as double) * cast(orders.exchange_rate as double) >= 1e13'
    }) %}
{%- endfor %}

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
    select
        order_id,
        exchange_rate
    from {{ ref('int_orders') }}
    {%- if is_batch() %}
    where order_id in (select order_id from refunds)
    {%- endif %}
),

judged as (
    select
        refunds.*,
        {{ rejection_reasons('refunds.row_rejection_reasons', reasons) }} as rejection_reasons
    from refunds
    left join orders
        on refunds.order_id = orders.order_id
)

select * from judged
