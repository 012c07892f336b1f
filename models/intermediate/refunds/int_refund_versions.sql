{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'refund_id': 'int_refunds_judged'}, 'keyless_rows_of': 'refunds'}
) }}

with versions as (
    {{ versions_in_doubt(ref('int_refunds_judged')) }}
)

select * from versions
