with refunds as (
    select * from {{ source('raw', 'refunds') }}
),

judged as (
    select
        refund_id,
        order_id,
        refund_amount,
        refunded_shipping_amount,
        refunded_tax_amount,
        reason,
        refunded_at,
        updated_at,
        _loaded_at,
        row_key,
        raw_row,
        {{ rejection_reasons('cell_rejection_reasons', {
            'negative_amount': 'least(refund_amount, refunded_shipping_amount, refunded_tax_amount) < 0',
        }) }} as row_rejection_reasons
    from refunds
)

select * from judged
