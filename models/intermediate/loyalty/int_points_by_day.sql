{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['program_id', 'transaction_type', 'occurred_date', 'pending_until']
) }}

-- The ledger added up by day: a day lies in one period of each grain. Points that are earned before they can be
-- spent keep the day from which they can.

with entries as (
    select
        program_id,
        transaction_type,
        points,
        signed_points,
        reward_cost,
        weight,
        occurred_date,
        case
            when available_date > occurred_date and weight * signed_points > 0 then available_date
        end as pending_until
    from {{ ref('int_ledger_changes') }}
)

select
    program_id,
    transaction_type,
    cast({{ count_changes() }} as bigint) as entries,
    cast({{ count_changes('points = 0') }} as bigint) as entries_without_points,
    cast(sum(points) as decimal(28, 4)) as points,
    cast(sum(signed_points) as decimal(28, 4)) as signed_points,
    cast(coalesce(sum(reward_cost), 0) as decimal(28, 4)) as reward_cost,
    occurred_date,
    pending_until
from entries
group by program_id, transaction_type, occurred_date, pending_until
