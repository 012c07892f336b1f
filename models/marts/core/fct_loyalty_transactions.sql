{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'loyalty_transaction_id': 'int_touched_loyalty_transactions'}}
) }}

-- depends_on: {{ ref('int_batch_ledger_before') }}
-- depends_on: {{ ref('int_touched_customers') }}

with standing as (
    {{ standing_versions(ref('int_loyalty_transactions_judged'), ref('int_loyalty_transaction_versions')) }}
),

loyalty_programs as (
    select
        program_id,
        point_value
    from {{ ref('int_loyalty_programs') }}
),

aliases as (
    select * from {{ ref('int_customer_aliases') }}
),

transactions as (
    select
        standing.loyalty_transaction_id,
        coalesce(aliases.customer_id, standing.customer_id) as customer_id,
        standing.customer_id as source_customer_id,
        standing.program_id,
        standing.order_id,
        standing.partner_id,
        standing.reward_id,
        standing.transaction_type,
        standing.activity,
        standing.reward_type,
        standing.points,
        cast({{ signed_points('standing.transaction_type', 'standing.points') }} as decimal(18, 4)) as signed_points,
        {{ convert_money(
            'standing.points', 'coalesce(loyalty_programs.point_value, ' ~ var('point_value') ~ ')'
        ) }} as points_value,
        standing.reward_cost,
        {{ to_local_date('standing.occurred_at') }} as occurred_date,
        {{ to_local_date('standing.available_at') }} as available_date,
        standing.occurred_at,
        standing.available_at,
        standing.expires_at,
        standing.updated_at,
        standing._loaded_at
    from standing
    left join loyalty_programs
        on standing.program_id = loyalty_programs.program_id
    left join aliases
        on standing.customer_id = aliases.alias_customer_id
)

select * from transactions
