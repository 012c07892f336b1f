{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'row_key': 'int_arrived_customers'}, 'keyless_rows_of': 'customers'}
) }}

with versions as (
    {{ versions_in_doubt(ref('int_arrived_customers')) }}
)

select * from versions
