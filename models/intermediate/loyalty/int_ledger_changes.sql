{{ config(materialized='increment') }}

-- What the ledger gained and lost: an entry counts 1 where it is put in, and -1, with its points negated, where
-- it is taken out. Where everything is built anew, all entries are put in.

-- depends_on: {{ ref('int_batch_ledger_before') }}

with changes as (
    select
        customer_id,
        program_id,
        transaction_type,
        points,
        signed_points,
        reward_cost,
        cast(1 as bigint) as weight,
        occurred_date,
        available_date
    from {{ ref('int_batch_lot_entries') }}
    where {{ is_touched('customer_id', ref('int_batch_ledger_customers')) }}
    {%- if is_batch() %}
    union all
    select
        customer_id,
        program_id,
        transaction_type,
        -points as points,
        -signed_points as signed_points,
        -reward_cost as reward_cost,
        cast(-1 as bigint) as weight,
        occurred_date,
        available_date
    from {{ ref('int_batch_ledger_before') }}
    {%- endif %}
)

select * from changes
