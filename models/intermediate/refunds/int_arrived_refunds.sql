{{ config(materialized='increment') }}

-- Every version of the refunds that have a new one, so that the orders which they named before are known too.

with refunds as (
    select
        refund_id,
        order_id
    from {{ ref('stg_refunds') }}
),

arrived as (
    {%- if is_batch() %}
    select *
    from refunds
    where refund_id in (
        select refund_id
        from {{ ref('stg_refunds') }}
        where {{ is_new('refunds') }}
    )
    {%- else %}
    select *
    from refunds
    where false
    {%- endif %}
)

select * from arrived
