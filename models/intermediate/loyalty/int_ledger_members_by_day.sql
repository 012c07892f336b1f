{{ config(materialized='incremental', incremental_strategy='changes') }}


-- On how many days members earned or redeemed, by the day on which they did so before. A member counts in a
-- period where the entry before lies in an earlier one: so days and the days before them are counted, whatever the
-- grain, and no list of members is kept for any period.

with entries as (
    select
        customer_id,
        program_id,
        transaction_type,
        weight,
        occurred_date,
        lag(occurred_date) over (
            partition by program_id, transaction_type, customer_id, weight
            order by occurred_date
        ) as previous_date
    from {{ ref('int_ledger_changes') }}
    where transaction_type in ('earn', 'redeem')
)

select
    program_id,
    transaction_type,
    cast({{ count_changes() }} as bigint) as members,
    occurred_date,
    previous_date
from entries
where previous_date is null or previous_date < occurred_date
group by program_id, transaction_type, occurred_date, previous_date
