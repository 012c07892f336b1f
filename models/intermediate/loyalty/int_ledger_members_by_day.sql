{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['program_id', 'participation', 'occurred_date', 'previous_date']
) }}

-- On how many days members earned, redeemed or did either, by the day on which they did so before. A member counts
-- in a period where the entry before lies in an earlier one: so days and the days before them are counted, whatever
-- the grain, and no list of members is kept for any period.

with member_days as (
    select
        customer_id,
        program_id,
        weight,
        occurred_date,
        bool_or(transaction_type = 'earn') as earns,
        bool_or(transaction_type = 'redeem') as redeems
    from {{ ref('int_ledger_changes') }}
    where transaction_type in ('earn', 'redeem')
    group by customer_id, program_id, weight, occurred_date
),

with_days_before as (
    select
        *,
        lag(occurred_date) over member_programme as previous_date,
        max(case when earns then occurred_date end) over days_before as previous_earn_date,
        max(case when redeems then occurred_date end) over days_before as previous_redeem_date
    from member_days
    window
        member_programme as (
            partition by program_id, customer_id, weight
            order by occurred_date
        ),
        days_before as (
            partition by program_id, customer_id, weight
            order by occurred_date
            rows between unbounded preceding and 1 preceding
        )
),

participations as (
    select
        program_id,
        'earn' as participation,
        weight,
        occurred_date,
        previous_earn_date as previous_date
    from with_days_before
    where earns
    union all
    select
        program_id,
        'redeem' as participation,
        weight,
        occurred_date,
        previous_redeem_date as previous_date
    from with_days_before
    where redeems
    union all
    select
        program_id,
        'earn_or_redeem' as participation,
        weight,
        occurred_date,
        previous_date
    from with_days_before
)

select
    program_id,
    participation,
    cast({{ count_changes() }} as bigint) as members,
    occurred_date,
    previous_date
from participations
group by program_id, participation, occurred_date, previous_date
