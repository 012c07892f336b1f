{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_members'}}
) }}

-- Whether somebody is a member, and in which tier, at the end of a day: the days on which that changed. What comes and
-- goes within a day leaves no trace.

with changes as (
    select
        customer_id,
        program_id,
        spell_number,
        1 as change_order,
        enrolled_at as changed_at,
        enrolled_date as changed_date,
        'unknown' as state
    from {{ ref('int_membership_spells') }}
    where {{ is_touched('customer_id', ref('int_batch_members')) }}
    union all
    select
        customer_id,
        program_id,
        spell_number,
        2 as change_order,
        valid_from_at as changed_at,
        valid_from_date as changed_date,
        tier as state
    from {{ ref('fct_loyalty_tiers') }}
    where {{ is_touched('customer_id', ref('int_batch_members')) }}
    union all
    select
        customer_id,
        program_id,
        spell_number,
        3 as change_order,
        left_at as changed_at,
        left_date as changed_date,
        cast(null as {{ dbt.type_string() }}) as state
    from {{ ref('int_membership_spells') }}
    where left_at is not null and {{ is_touched('customer_id', ref('int_batch_members')) }}
),

numbered as (
    select
        customer_id,
        program_id,
        changed_date,
        state,
        row_number() over (
            partition by customer_id, program_id, changed_date
            order by spell_number desc, changed_at desc, change_order desc
        ) as changes_to_day_end
    from changes
),

days as (
    select
        customer_id,
        program_id,
        changed_date,
        lag(state) over (
            partition by customer_id, program_id
            order by changed_date
        ) as previous_state,
        state
    from numbered
    where changes_to_day_end = 1
),

changed_days as (
    select *
    from days
    where previous_state is distinct from state
)

select
    customer_id,
    program_id,
    lag(changed_date) over (
        partition by customer_id, program_id
        order by changed_date
    ) as previous_changed_date,
    changed_date,
    lead(changed_date) over (
        partition by customer_id, program_id
        order by changed_date
    ) as next_changed_date,
    previous_state,
    state
from changed_days
