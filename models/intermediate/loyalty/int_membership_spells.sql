{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_members'}}
) }}

-- A programme without membership events has members all the same: whoever is in its ledger, from the first entry on.
-- Nobody is known to leave it. Events after as_of tell nothing yet: until the first of them the ledger does.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

events as (
    select * from {{ ref('int_membership_events') }}
    where spell_number is not null and {{ is_touched('customer_id', ref('int_batch_members')) }}
),

spells_of_events as (
    select
        customer_id,
        program_id,
        spell_number,
        true as has_events,
        min(occurred_at) as enrolled_at,
        min(occurred_date) as enrolled_date,
        max(case when closes_spell then occurred_at end) as left_at,
        max(case when closes_spell then occurred_date end) as left_date,
        cast(count(*) filter (where is_renewal) as bigint) as renewals
    from events
    group by 1, 2, 3
),

members_of_ledger as (
    select
        customer_id,
        program_id,
        min(occurred_at) as enrolled_at,
        min(occurred_date) as enrolled_date
    from {{ ref('fct_loyalty_transactions') }}
    where {{ is_touched('customer_id', ref('int_batch_members')) }}
    group by 1, 2
),

-- The first event opens the first spell.
members_of_events as (
    select
        spells_of_events.customer_id,
        spells_of_events.program_id
    from spells_of_events
    cross join as_of
    left join members_of_ledger
        on
            spells_of_events.customer_id = members_of_ledger.customer_id
            and spells_of_events.program_id = members_of_ledger.program_id
    where
        spells_of_events.spell_number = 1
        and (members_of_ledger.customer_id is null or spells_of_events.enrolled_date <= as_of.as_of_date)
),

spells_of_ledger as (
    select
        members_of_ledger.customer_id,
        members_of_ledger.program_id,
        cast(1 as bigint) as spell_number,
        false as has_events,
        members_of_ledger.enrolled_at,
        members_of_ledger.enrolled_date,
        cast(null as timestamp) as left_at,
        cast(null as date) as left_date,
        cast(0 as bigint) as renewals
    from members_of_ledger
    left join members_of_events
        on
            members_of_ledger.customer_id = members_of_events.customer_id
            and members_of_ledger.program_id = members_of_events.program_id
    where members_of_events.customer_id is null
),

spells as (
    select
        spells_of_events.*,
        case when spells_of_events.spell_number = 1 then members_of_ledger.enrolled_date end as first_entry_date
    from spells_of_events
    inner join members_of_events
        on
            spells_of_events.customer_id = members_of_events.customer_id
            and spells_of_events.program_id = members_of_events.program_id
    left join members_of_ledger
        on
            spells_of_events.customer_id = members_of_ledger.customer_id
            and spells_of_events.program_id = members_of_ledger.program_id
    union all
    select
        *,
        enrolled_date as first_entry_date
    from spells_of_ledger
)

select * from spells
