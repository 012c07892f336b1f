{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'membership_event_id': 'int_touched_loyalty_memberships'}, 'keyless_rows_of': 'loyalty_memberships'}
) }}

with versions as (
    {{ versions_in_doubt(ref('int_arrived_loyalty_memberships')) }}
)

select * from versions
