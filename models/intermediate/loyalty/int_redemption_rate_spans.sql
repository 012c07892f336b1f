-- The programme's own rate holds until the first estimate begins.

with estimates as (
    select
        program_id,
        expected_redemption_rate,
        effective_from as valid_from,
        lead(effective_from) over (
            partition by program_id
            order by effective_from
        ) as valid_until
    from {{ ref('int_redemption_estimates') }}
),

first_estimates as (
    select
        program_id,
        min(valid_from) as first_valid_from
    from estimates
    group by 1
),

programs as (
    select
        programs.program_id,
        programs.expected_redemption_rate,
        first_estimates.first_valid_from
    from {{ ref('dim_loyalty_programs') }} as programs
    left join first_estimates
        on programs.program_id = first_estimates.program_id
    where programs.expected_redemption_rate is not null
),

spans as (
    select
        program_id,
        'redemption_estimates' as estimate_source,
        expected_redemption_rate,
        valid_from,
        valid_until
    from estimates
    union all
    select
        program_id,
        'program' as estimate_source,
        expected_redemption_rate,
        cast(null as date) as valid_from,
        first_valid_from as valid_until
    from programs
)

select * from spans
