{{ config(materialized='view', alias='orders') }}

with versions as (
    select * from {{ ref('int_order_versions').include(database=false) }}
),

rejected as (
    select
        rejection_reasons,
        order_id,
        customer_id,
        email,
        campaign_id,
        loyalty_program_id,
        status,
        sales_channel,
        discount_code,
        currency,
        subtotal_amount,
        discount_amount,
        loyalty_discount_amount,
        refunded_amount,
        shipping_amount,
        refunded_shipping_amount,
        tax_amount,
        refunded_tax_amount,
        cost_amount,
        is_test,
        ordered_at,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
)

select * from rejected
