-- Valued on the days that a period of any grain ends on, and on as_of. Each day's flows are added to the next
-- of these, and cumulated from one to the next: vintages meet days of valuation and no other days.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

valuation_dates as (
    select distinct least(periods.period_end, as_of.as_of_date) as valuation_date
    from {{ ref('int_loyalty_by_period') }} as periods
    cross join as_of
),

days as (
    select
        dates.date_day,
        min(valuation_dates.valuation_date) over (
            order by dates.date_day desc
            rows between unbounded preceding and current row
        ) as valuation_date
    from {{ ref('dim_dates') }} as dates
    left join valuation_dates
        on dates.date_day = valuation_dates.valuation_date
),

loyalty_programs as (
    select * from {{ ref('dim_loyalty_programs') }}
),

rates_at_issue as (
    select * from {{ ref('int_redemption_rates_at_issue') }}
),

rate_spans as (
    select * from {{ ref('int_redemption_rate_spans') }}
),

ultimates as (
    select * from {{ ref('int_points_ultimates') }}
),

flows as (
    select
        points.program_id,
        points.is_purchase,
        points.points_issued,
        points.points_redeemed,
        points.points_expired,
        points.points_cancelled,
        cast(points.points_issued * coalesce(rates_at_issue.expected_redemption_rate, 0) as decimal(28, 8))
            as points_expected_at_issue,
        cast(0 as decimal(28, 8)) as deferred_at_issue,
        cast(0 as decimal(28, 8)) as deferred_reversed,
        points.vintage_month,
        points.flow_date
    from {{ ref('int_points_by_vintage') }} as points
    left join rates_at_issue
        on
            points.program_id = rates_at_issue.program_id
            and points.flow_date = rates_at_issue.earned_date
    union all
    select
        program_id,
        true as is_purchase,
        0 as points_issued,
        0 as points_redeemed,
        0 as points_expired,
        0 as points_cancelled,
        0 as points_expected_at_issue,
        deferred_at_issue,
        deferred_reversed,
        vintage_month,
        flow_date
    from {{ ref('int_deferred_revenue_by_day') }}
),

flows_by_valuation as (
    select
        flows.program_id,
        flows.vintage_month,
        flows.is_purchase,
        days.valuation_date,
        sum(flows.points_issued) as points_issued,
        sum(flows.points_redeemed) as points_redeemed,
        sum(flows.points_expired) as points_expired,
        sum(flows.points_cancelled) as points_cancelled,
        sum(flows.points_expected_at_issue) as points_expected_at_issue,
        sum(flows.deferred_at_issue) as deferred_at_issue,
        sum(flows.deferred_reversed) as deferred_reversed
    from flows
    inner join days
        on flows.flow_date = days.date_day
    group by 1, 2, 3, 4
),

vintages as (
    select
        program_id,
        vintage_month,
        is_purchase,
        min(valuation_date) as first_valuation_date
    from flows_by_valuation
    group by 1, 2, 3
),

valuations as (
    select
        vintages.program_id,
        vintages.vintage_month,
        vintages.is_purchase,
        valuation_dates.valuation_date,
        {{ last_day_of_months(dbt.date_trunc('month', add_days('valuation_dates.valuation_date', 1)), 0) }}
            as last_month_end
    from vintages
    inner join valuation_dates
        on vintages.first_valuation_date <= valuation_dates.valuation_date
),

cumulated as (
    select
        valuations.program_id,
        valuations.vintage_month,
        valuations.is_purchase,
        valuations.valuation_date,
        valuations.last_month_end,
        sum(coalesce(flows.points_issued, 0)) over to_date as points_issued,
        sum(coalesce(flows.points_redeemed, 0)) over to_date as points_redeemed,
        sum(coalesce(flows.points_expired, 0)) over to_date as points_expired,
        sum(coalesce(flows.points_cancelled, 0)) over to_date as points_cancelled,
        sum(coalesce(flows.points_expected_at_issue, 0)) over to_date as points_expected_at_issue,
        -- At its full width a sum that another is taken from loses a place on Spark.
        cast(sum(coalesce(flows.deferred_at_issue, 0)) over to_date as decimal(28, 8)) as deferred_at_issue,
        cast(sum(coalesce(flows.deferred_reversed, 0)) over to_date as decimal(28, 8)) as deferred_reversed
    from valuations
    left join flows_by_valuation as flows
        on
            valuations.program_id = flows.program_id
            and valuations.vintage_month = flows.vintage_month
            and valuations.is_purchase = flows.is_purchase
            and valuations.valuation_date = flows.valuation_date
    window to_date as (
        partition by valuations.program_id, valuations.vintage_month, valuations.is_purchase
        order by valuations.valuation_date
        rows between unbounded preceding and current row
    )
),

rated as (
    select
        cumulated.program_id,
        cumulated.vintage_month,
        cumulated.is_purchase,
        cumulated.valuation_date,
        cumulated.points_issued,
        cumulated.points_redeemed,
        cumulated.points_expired,
        cumulated.points_cancelled,
        cumulated.points_issued - cumulated.points_cancelled as points_not_cancelled,
        cumulated.points_issued - cumulated.points_redeemed - cumulated.points_expired - cumulated.points_cancelled
            as points_outstanding,
        cumulated.deferred_at_issue,
        cumulated.deferred_reversed,
        loyalty_programs.point_value,
        coalesce(
            rate_spans.expected_redemption_rate,
            ultimates.ultimate_redemption_rate,
            {{ ratio('cumulated.points_expected_at_issue', 'cumulated.points_issued') }}
        ) as expected_redemption_rate
    from cumulated
    inner join loyalty_programs
        on cumulated.program_id = loyalty_programs.program_id
    left join rate_spans
        on
            cumulated.program_id = rate_spans.program_id
            and (rate_spans.valid_from is null or cumulated.valuation_date >= rate_spans.valid_from)
            and (rate_spans.valid_until is null or cumulated.valuation_date < rate_spans.valid_until)
    left join ultimates
        on
            cumulated.program_id = ultimates.program_id
            and cumulated.vintage_month = ultimates.vintage_month
            and cumulated.last_month_end = ultimates.valuation_date
),

expected as (
    select
        *,
        {{ expected_redemptions(
            'expected_redemption_rate * points_not_cancelled', 'points_redeemed', 'points_outstanding'
        ) }} as expected_redemptions
    from rated
),

valued as (
    select
        program_id,
        vintage_month,
        is_purchase,
        valuation_date,
        cast(points_not_cancelled as decimal(28, 4)) as points_not_cancelled,
        cast(points_redeemed as decimal(28, 4)) as points_redeemed,
        cast(points_outstanding as decimal(28, 4)) as points_outstanding,
        expected_redemptions,
        deferred_at_issue,
        deferred_reversed,
        {{ revenue_recognised('(deferred_at_issue - deferred_reversed)', 'points_redeemed', 'expected_redemptions') }}
            as revenue_recognised,
        cast(
            case
                when not is_purchase
                    then {{ points_cost_accrual('expected_redemptions', 'points_redeemed', 'point_value') }}
                else 0
            end as decimal(28, 8)
        ) as cost_accrual
    from expected
)

select * from valued
