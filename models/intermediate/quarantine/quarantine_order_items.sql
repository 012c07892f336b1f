{{ config(materialized='view', alias='order_items') }}

with versions as (
    select * from {{ ref('int_order_item_versions').include(database=false) }}
),

rejected as (
    select
        rejection_reasons,
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
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
)

select * from rejected
