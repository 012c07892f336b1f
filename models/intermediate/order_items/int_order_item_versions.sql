{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}, 'keyless_rows_of': 'order_items'}
) }}

with versions as (
    {{ versions_in_doubt(
        ref('int_order_items_judged'),
        key=['order_id', 'line_number'],
        staged=ref('stg_order_items')
    ) }}
)

select * from versions
