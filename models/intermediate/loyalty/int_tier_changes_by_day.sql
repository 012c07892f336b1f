{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['program_id', 'tier', 'date_day', 'previous_to_date']
) }}

-- How many members came into a tier and went out of it, by day, days to come too. Who comes again is counted by the
-- day of going before: in a period that holds both it is one member.

-- depends_on: {{ ref('int_batch_tiers_before') }}

with tiers as (
    select
        customer_id,
        program_id,
        tier,
        valid_from_date,
        valid_to_date,
        1 as weight
    from {{ ref('fct_loyalty_tiers') }}
    where {{ is_touched('customer_id', ref('int_batch_membership_customers')) }}
    {%- if is_batch() %}
    union all
    select
        customer_id,
        program_id,
        tier,
        valid_from_date,
        valid_to_date,
        -1 as weight
    from {{ ref('int_batch_tiers_before') }}
    {%- endif %}
),

-- A tier of hours has no day.
stays as (
    select
        *,
        lag(valid_to_date) over (
            partition by customer_id, program_id, tier, weight
            order by valid_from_date
        ) as previous_to_date
    from tiers
    where coalesce(valid_to_date > valid_from_date, true)
),

changes as (
    select
        program_id,
        tier,
        valid_from_date as date_day,
        previous_to_date,
        weight as members_entered,
        0 as members_left
    from stays
    union all
    select
        program_id,
        tier,
        valid_to_date as date_day,
        cast(null as date) as previous_to_date,
        0 as members_entered,
        weight as members_left
    from stays
    where valid_to_date is not null
),

changes_by_day as (
    select
        program_id,
        tier,
        date_day,
        previous_to_date,
        cast(sum(members_entered) as bigint) as members_entered,
        cast(sum(members_left) as bigint) as members_left
    from changes
    group by 1, 2, 3, 4
)

select *
from changes_by_day
where members_entered <> 0 or members_left <> 0
