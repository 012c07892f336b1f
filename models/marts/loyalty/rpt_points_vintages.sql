with vintages as (
    select * from {{ ref('int_points_ultimates') }}
),

rated as (
    select
        program_id,
        vintage_month,
        age_months,
        estimate_source,
        points_issued,
        points_redeemed,
        points_expired,
        points_cancelled,
        points_outstanding,
        {{ redemption_rate('points_redeemed', 'points_issued') }} as redemption_rate,
        ultimate_redemption_rate,
        {{ breakage_rate('ultimate_redemption_rate') }} as breakage_rate
    from vintages
)

select * from rated
