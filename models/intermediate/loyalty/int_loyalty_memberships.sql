{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'membership_event_id': 'int_touched_loyalty_memberships'}}
) }}

-- depends_on: {{ ref('int_batch_membership_customers') }}

with standing as (
    {{ standing_versions(ref('int_arrived_loyalty_memberships'), ref('int_loyalty_membership_versions')) }}
),

aliases as (
    select * from {{ ref('int_customer_aliases') }}
),

memberships as (
    select
        standing.membership_event_id,
        coalesce(aliases.customer_id, standing.customer_id) as customer_id,
        standing.customer_id as source_customer_id,
        standing.program_id,
        standing.event_type,
        standing.tier,
        standing.fee_amount,
        standing.occurred_at,
        {{ to_local_date('standing.occurred_at') }} as occurred_date,
        standing._loaded_at
    from standing
    left join aliases
        on standing.customer_id = aliases.alias_customer_id
)

select * from memberships
