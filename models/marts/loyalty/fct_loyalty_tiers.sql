{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_membership_customers'}}
) }}

-- Of two tiers given in the same moment the last one counts; a tier that nobody held for a moment is none.

-- depends_on: {{ ref('int_batch_tiers_before') }}

with events as (
    select
        *,
        lead(occurred_at) over (
            partition by customer_id, program_id, spell_number
            order by event_number
        ) as next_occurred_at
    from {{ ref('int_membership_events') }}
    where
        spell_number is not null
        and tier is not null
        and not closes_spell
        and {{ is_touched('customer_id', ref('int_batch_membership_customers')) }}
),

-- Not those of int_membership_spells, which wait for as_of.
spells as (
    select
        customer_id,
        program_id,
        spell_number,
        max(case when closes_spell then occurred_at end) as left_at,
        max(case when closes_spell then occurred_date end) as left_date
    from {{ ref('int_membership_events') }}
    where
        spell_number is not null
        and {{ is_touched('customer_id', ref('int_batch_membership_customers')) }}
    group by 1, 2, 3
),

compared as (
    select
        customer_id,
        program_id,
        spell_number,
        event_number,
        tier,
        occurred_at,
        occurred_date,
        lag(tier) over (
            partition by customer_id, program_id, spell_number
            order by event_number
        ) as previous_tier
    from events
    where next_occurred_at is null or next_occurred_at > occurred_at
),

changed as (
    select
        customer_id,
        program_id,
        spell_number,
        tier,
        occurred_at as valid_from_at,
        occurred_date as valid_from_date,
        lead(occurred_at) over (
            partition by customer_id, program_id, spell_number
            order by event_number
        ) as next_tier_at,
        lead(occurred_date) over (
            partition by customer_id, program_id, spell_number
            order by event_number
        ) as next_tier_date
    from compared
    where previous_tier is null or previous_tier <> tier
),

tiers as (
    select
        changed.customer_id,
        changed.program_id,
        changed.spell_number,
        changed.tier,
        changed.valid_from_at,
        coalesce(changed.next_tier_at, spells.left_at) as valid_to_at,
        changed.valid_from_date,
        coalesce(changed.next_tier_date, spells.left_date) as valid_to_date
    from changed
    inner join spells
        on
            changed.customer_id = spells.customer_id
            and changed.program_id = spells.program_id
            and changed.spell_number = spells.spell_number
)

select *
from tiers
where valid_to_at is null or valid_to_at > valid_from_at
