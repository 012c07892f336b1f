with order_items as (
    select * from {{ source('raw', 'order_items') }}
),

judged as (
    select
        order_id,
        line_number,
        product_id,
        product_category,
        quantity,
        unit_price,
        discount_amount,
        unit_cost,
        updated_at,
        _loaded_at,
        row_key,
        raw_row,
        {{ rejection_reasons('cell_rejection_reasons', {
            'non_positive_quantity': 'quantity <= 0',
            'negative_amount': 'least(unit_price, discount_amount, coalesce(unit_cost, 0)) < 0',
            'discount_exceeds_subtotal': 'discount_amount > 0 and discount_amount > '
                ~ product_of_decimals('quantity', 'unit_price'),
        }) }} as row_rejection_reasons
    from order_items
)

select * from judged
