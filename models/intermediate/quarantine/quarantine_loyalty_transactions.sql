{{ config(materialized='view', alias='loyalty_transactions') }}

with versions as (
    select * from {{ ref('int_loyalty_transaction_versions').include(database=false) }}
),

rejected as (
    select
        rejection_reasons,
        loyalty_transaction_id,
        customer_id,
        program_id,
        order_id,
        partner_id,
        reward_id,
        transaction_type,
        activity,
        reward_type,
        points,
        reward_cost,
        occurred_at,
        available_at,
        expires_at,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
)

select * from rejected
