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
        cast(members_at_end - members_enrolled + members_left as bigint) as members_at_start,
        cast(members_enrolled as bigint) as members_enrolled,
        cast(members_left as bigint) as members_left,
        cast(members_at_end as bigint) as members_at_end,
        cast(earning_members as bigint) as earning_members,
        cast(redeeming_members as bigint) as redeeming_members,
        cast(participating_members as bigint) as participating_members,
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
        cast(points_uncovered as decimal(28, 4)) as points_uncovered,
        cast(rewards_redeemed as bigint) as rewards_redeemed,
        cast(rewards_without_points as bigint) as rewards_without_points,
        cast(reward_cost as decimal(28, 4)) as reward_cost,
        cast(fee_revenue as decimal(28, 4)) as fee_revenue,
        cast(program_orders as bigint) as program_orders,
        cast(program_gross_sales as decimal(28, 4)) as program_gross_sales,
        cast(program_net_sales as decimal(28, 4)) as program_net_sales,
        cast(loyalty_discounts as decimal(28, 4)) as loyalty_discounts,
        cast({{ benefits_used('loyalty_discounts', 'reward_cost') }} as decimal(28, 4)) as benefits_used,
        cast(
            {{ fees_less_benefits('fee_revenue', benefits_used('loyalty_discounts', 'reward_cost')) }} as decimal(28, 4)
        ) as fees_less_benefits,
        {{ churn_rate('members_left', 'members_at_end - members_enrolled + members_left') }} as member_churn_rate,
        {{ participation_rate('participating_members', 'members_at_end') }} as participation_rate,
        {{ loyalty_discount_rate('loyalty_discounts', 'program_gross_sales') }} as loyalty_discount_rate,
        {{ redemption_rate('points_redeemed', 'points_issued') }} as redemption_rate,
        {{ redemption_rate('points_redeemed_to_date', 'points_issued_to_date') }} as redemption_rate_to_date
    from loyalty
)

select * from rated
