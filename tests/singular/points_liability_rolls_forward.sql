-- deferred revenue at the end = at the end of the period before + deferred at issue - reversed -
-- recognised, in every grain, and all grains end on the same balances. Catches a flow that lies in no period.

with liabilities as (
    select
        *,
        lag(deferred_revenue, 1, 0) over by_period as previous_deferred_revenue,
        lead(period_start) over by_period as next_period_start
    from {{ ref('rpt_points_liability') }}
    window by_period as (
        partition by period_grain, program_id
        order by period_start
    )
),

not_carried as (
    select
        period_grain,
        period_start,
        program_id
    from liabilities
    where deferred_revenue <> previous_deferred_revenue + deferred_at_issue - deferred_reversed - revenue_recognised
),

not_the_same as (
    select
        'last period' as period_grain,
        max(period_start) as period_start,
        program_id
    from liabilities
    where next_period_start is null
    group by 3
    having
        min(deferred_revenue) <> max(deferred_revenue)
        or min(cost_accrual) <> max(cost_accrual)
        or min(points_outstanding) <> max(points_outstanding)
        or min(points_uncovered) <> max(points_uncovered)
)

select * from not_carried
union all
select * from not_the_same
