-- What is rounded are figures to date, and what happened in a period is the difference of two of them; what is
-- recognised is what is deferred no more. So the roll-forward closes to the last digit, in every grain.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

periods as (
    select
        periods.period_grain,
        periods.program_id,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        periods.points_uncovered,
        least(periods.period_end, as_of.as_of_date) as valuation_date
    from {{ ref('int_loyalty_by_period') }} as periods
    cross join as_of
),

balances as (
    select
        program_id,
        valuation_date,
        sum(points_not_cancelled) as points_not_cancelled,
        sum(points_outstanding) as points_outstanding,
        sum(expected_redemptions) as expected_redemptions,
        cast(sum(deferred_at_issue) as decimal(28, 4)) as deferred_at_issue,
        cast(sum(deferred_reversed) as decimal(28, 4)) as deferred_reversed,
        cast(sum(deferred_at_issue - deferred_reversed - revenue_recognised) as decimal(28, 4)) as deferred_revenue,
        cast(sum(cost_accrual) as decimal(28, 4)) as cost_accrual
    from {{ ref('int_points_liability_by_vintage') }}
    group by 1, 2
),

to_date as (
    select
        periods.period_grain,
        periods.program_id,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        periods.points_uncovered,
        coalesce(balances.points_not_cancelled, 0) as points_not_cancelled,
        coalesce(balances.points_outstanding, 0) as points_outstanding,
        coalesce(balances.expected_redemptions, 0) as expected_redemptions,
        coalesce(balances.deferred_at_issue, 0) as deferred_at_issue,
        coalesce(balances.deferred_reversed, 0) as deferred_reversed,
        coalesce(balances.deferred_revenue, 0) as deferred_revenue,
        coalesce(balances.cost_accrual, 0) as cost_accrual
    from periods
    left join balances
        on
            periods.program_id = balances.program_id
            and periods.valuation_date = balances.valuation_date
),

in_period as (
    select
        *,
        deferred_at_issue - lag(deferred_at_issue, 1, 0) over by_period as deferred_in_period,
        deferred_reversed - lag(deferred_reversed, 1, 0) over by_period as reversed_in_period,
        deferred_revenue - lag(deferred_revenue, 1, 0) over by_period as change_in_period
    from to_date
    window by_period as (
        partition by period_grain, program_id
        order by period_start
    )
),

liabilities as (
    select
        period_grain,
        program_id,
        'all' as segment_type,
        'all' as segment,
        period_start,
        period_end,
        is_complete,
        cast(points_outstanding as decimal(28, 4)) as points_outstanding,
        cast(points_uncovered as decimal(28, 4)) as points_uncovered,
        cast(points_not_cancelled as decimal(28, 4)) as points_not_cancelled,
        cast(expected_redemptions as decimal(28, 4)) as expected_redemptions,
        {{ ultimate_redemption_rate('expected_redemptions', 'points_not_cancelled') }} as expected_redemption_rate,
        cast(deferred_in_period as decimal(28, 4)) as deferred_at_issue,
        cast(reversed_in_period as decimal(28, 4)) as deferred_reversed,
        cast(deferred_in_period - reversed_in_period - change_in_period as decimal(28, 4)) as revenue_recognised,
        cast(deferred_revenue as decimal(28, 4)) as deferred_revenue,
        cast(cost_accrual as decimal(28, 4)) as cost_accrual
    from in_period
)

select * from liabilities
