{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}, 'keyless_rows_of': 'orders'}
) }}

-- depends_on: {{ ref('int_batch_order_versions_before') }}

with versions as (
    {{ versions_in_doubt(ref('int_orders_judged'), staged=ref('stg_orders')) }}
)

select * from versions
