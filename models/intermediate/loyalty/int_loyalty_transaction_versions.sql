{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'loyalty_transaction_id': 'int_touched_loyalty_transactions'}, 'keyless_rows_of': 'loyalty_transactions'}
) }}

with versions as (
    {{ versions_in_doubt(ref('int_loyalty_transactions_judged'), staged=ref('stg_loyalty_transactions')) }}
)

select * from versions
