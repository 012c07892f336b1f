{{ config(alias='orders') }}

with judged as (
    select * from {{ ref('int_orders_judged') }}
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
    from judged
    where rejection_reasons is not null
)

select * from rejected
