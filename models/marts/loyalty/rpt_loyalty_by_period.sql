with loyalty as (
    select * from {{ ref('int_loyalty_by_period') }}
),

rated as (
    select
        period_grain,
        program_id,
        'all' as segment_type,
        'all' as segment,
        period_start,
        period_end,
        is_complete,
        cast(earning_members as bigint) as earning_members,
        cast(redeeming_members as bigint) as redeeming_members,
        cast(points_issued as decimal(28, 4)) as points_issued,
        cast(points_redeemed as decimal(28, 4)) as points_redeemed,
        cast(points_restored as decimal(28, 4)) as points_restored,
        cast(points_expired as decimal(28, 4)) as points_expired,
        cast(points_cancelled as decimal(28, 4)) as points_cancelled,
        cast(points_adjusted as decimal(28, 4)) as points_adjusted,
        cast(points_issued_to_date as decimal(28, 4)) as points_issued_to_date,
        cast(points_redeemed_to_date as decimal(28, 4)) as points_redeemed_to_date,
        cast(points_pending as decimal(28, 4)) as points_pending,
        cast(points_outstanding as decimal(28, 4)) as points_outstanding,
        {{ redemption_rate('points_redeemed', 'points_issued') }} as redemption_rate,
        {{ redemption_rate('points_redeemed_to_date', 'points_issued_to_date') }} as redemption_rate_to_date
    from loyalty
)

select * from rated
