with standing as (
    {{ standing_versions(ref('int_loyalty_transactions_judged'), ref('int_loyalty_transaction_versions')) }}
),

loyalty_programs as (
    select
        program_id,
        point_value
    from {{ ref('dim_loyalty_programs') }}
),

transactions as (
    select
        standing.loyalty_transaction_id,
        standing.customer_id,
        standing.program_id,
        standing.order_id,
        standing.partner_id,
        standing.reward_id,
        standing.transaction_type,
        standing.activity,
        standing.reward_type,
        standing.points,
        cast({{ signed_points('standing.transaction_type', 'standing.points') }} as decimal(18, 4)) as signed_points,
        cast(standing.points * loyalty_programs.point_value as decimal(18, 4)) as points_value,
        standing.reward_cost,
        {{ to_local_date('standing.occurred_at') }} as occurred_date,
        {{ to_local_date('standing.available_at') }} as available_date,
        standing.occurred_at,
        standing.available_at,
        standing.expires_at,
        standing.updated_at,
        standing._loaded_at
    from standing
    inner join loyalty_programs
        on standing.program_id = loyalty_programs.program_id
)

select * from transactions
