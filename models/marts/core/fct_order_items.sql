{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}}
) }}

with standing as (
    {{ standing_versions(
        ref('int_order_items_judged'),
        ref('int_order_item_versions'),
        key=['order_id', 'line_number']
    ) }}
),

converted as (
    select
        order_id,
        line_number,
        customer_id,
        product_id,
        product_category,
        quantity,
        {{ convert_line_amount('quantity', 'unit_price', 'exchange_rate') }} as gross_sales,
        {{ convert_money('discount_amount', 'exchange_rate') }} as discounts,
        {{ convert_line_amount('quantity', 'unit_cost', 'exchange_rate') }} as cost,
        is_counted,
        order_date,
        updated_at,
        _loaded_at
    from standing
),

measured as (
    select
        order_id,
        line_number,
        customer_id,
        product_id,
        product_category,
        quantity,
        gross_sales,
        discounts,
        cast({{ net_sales('gross_sales', 'discounts', '0') }} as decimal(18, 4)) as net_sales,
        cost,
        cast({{ gross_margin(net_sales('gross_sales', 'discounts', '0'), 'cost') }} as decimal(18, 4)) as gross_margin,
        is_counted,
        order_date,
        updated_at,
        _loaded_at
    from converted
)

select * from measured
