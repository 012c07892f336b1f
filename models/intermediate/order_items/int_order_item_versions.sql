{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}, 'null_keys': true}
) }}

with versions as (
    {{ versions_in_doubt(ref('int_order_items_judged'), key=['order_id', 'line_number']) }}
)

select * from versions
