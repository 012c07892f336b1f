with tenures as (
    select * from {{ ref('int_membership_tenures') }}
),

fits as (
    select * from {{ ref('int_membership_survival_fits') }}
),

fitted as (
    select
        tenures.program_id,
        tenures.tenure_unit,
        tenures.tenure,
        tenures.at_risk,
        tenures.members_left,
        fits.alpha,
        fits.beta
    from tenures
    left join fits
        on tenures.program_id = fits.program_id
),

survival as (
    select
        program_id,
        tenure_unit,
        tenure,
        at_risk,
        members_left as {{ adapter.quote('left') }},
        {{ survival_rate('members_left', 'at_risk', 'up_to_tenure') }} as survival_rate,
        {{ renewal_rate('members_left', 'at_risk') }} as renewal_rate,
        {{ wilson_interval('at_risk - members_left', 'at_risk', 'lower') }} as renewal_rate_lower,
        {{ wilson_interval('at_risk - members_left', 'at_risk', 'upper') }} as renewal_rate_upper,
        cast(alpha as double) as sbg_alpha,
        cast(beta as double) as sbg_beta,
        {{ sbg_survival_rate('alpha', 'beta', 'tenure', 'up_to_tenure') }} as sbg_survival_rate
    from fitted
    window up_to_tenure as (
        partition by program_id
        order by tenure
        rows between unbounded preceding and current row
    )
)

select * from survival
