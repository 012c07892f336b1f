with declared_programs as (
    select * from {{ ref('int_loyalty_programs') }}
),

used_programs as (
    select program_id
    from {{ ref('fct_loyalty_transactions') }}
    union distinct
    select program_id
    from {{ ref('int_loyalty_memberships') }}
    union distinct
    select loyalty_program_id as program_id
    from {{ ref('fct_orders') }}
    where loyalty_program_id is not null
),

programs as (
    select
        coalesce(declared_programs.program_id, used_programs.program_id) as program_id,
        declared_programs.program_name,
        coalesce(declared_programs.program_type, 'points') as program_type,
        coalesce(declared_programs.delivery, 'card') as delivery,
        coalesce(declared_programs.point_value, {{ var('point_value') }}) as point_value,
        declared_programs.points_expire_after_days,
        declared_programs.expected_redemption_rate,
        declared_programs.partner_cost_share,
        declared_programs.program_id is null as is_inferred
    from declared_programs
    full outer join used_programs
        on declared_programs.program_id = used_programs.program_id
)

select * from programs
