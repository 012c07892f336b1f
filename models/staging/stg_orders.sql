with orders as (
    select * from {{ source('raw', 'orders') }}
),

judged as (
    select
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
        raw_row,
        {{ rejection_reasons('cell_rejection_reasons', {
            'negative_amount': 'least(subtotal_amount, discount_amount, loyalty_discount_amount, refunded_amount, '
                ~ 'shipping_amount, refunded_shipping_amount, tax_amount, refunded_tax_amount, coalesce(cost_amount, 0)) < 0',
            'discount_exceeds_subtotal': 'discount_amount > 0 and discount_amount > subtotal_amount',
            'ordered_in_future': 'ordered_at > ' ~ a_day_after_arrival('arrived_at'),
        }) }} as row_rejection_reasons
    from orders
)

select * from judged
