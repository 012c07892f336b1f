-- Calendar months, whatever grains are reported: vintages are an accounting record.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

months as (
    select
        month_start,
        month_end,
        row_number() over (order by month_start) as month_number
    from {{ ref('dim_dates') }}
    group by 1, 2
),

flows as (
    select
        program_id,
        vintage_month,
        {{ period_start_of('month', 'flow_date') }} as flow_month,
        sum(points_issued) as points_issued,
        sum(points_redeemed) as points_redeemed,
        sum(points_expired) as points_expired,
        sum(points_cancelled) as points_cancelled
    from {{ ref('int_points_by_vintage') }}
    group by 1, 2, 3
),

vintages as (
    select
        flows.program_id,
        flows.vintage_month,
        months.month_number as vintage_number,
        sum(flows.points_issued) as points_issued
    from flows
    inner join months
        on flows.vintage_month = months.month_start
    group by 1, 2, 3
),

ages as (
    select
        vintages.program_id,
        vintages.points_issued,
        vintages.vintage_month,
        months.month_start as valuation_month,
        least(months.month_end, as_of.as_of_date) as valuation_date,
        months.month_end <= as_of.as_of_date as is_month_over,
        months.month_number - vintages.vintage_number as age_months
    from vintages
    cross join as_of
    inner join months
        on
            vintages.vintage_month <= months.month_start
            and as_of.as_of_date >= months.month_start
),

cumulated as (
    select
        ages.program_id,
        ages.vintage_month,
        cast(ages.age_months as bigint) as age_months,
        ages.valuation_month,
        ages.valuation_date,
        ages.is_month_over,
        ages.points_issued,
        sum(coalesce(flows.points_redeemed, 0)) over to_date as points_redeemed,
        sum(coalesce(flows.points_expired, 0)) over to_date as points_expired,
        sum(coalesce(flows.points_cancelled, 0)) over to_date as points_cancelled
    from ages
    left join flows
        on
            ages.program_id = flows.program_id
            and ages.vintage_month = flows.vintage_month
            and ages.valuation_month = flows.flow_month
    window to_date as (
        partition by ages.program_id, ages.vintage_month
        order by ages.age_months
        rows between unbounded preceding and current row
    )
)

select
    program_id,
    vintage_month,
    age_months,
    valuation_month,
    valuation_date,
    is_month_over,
    cast(points_issued as decimal(28, 4)) as points_issued,
    cast(points_redeemed as decimal(28, 4)) as points_redeemed,
    cast(points_expired as decimal(28, 4)) as points_expired,
    cast(points_cancelled as decimal(28, 4)) as points_cancelled,
    cast(points_issued - points_redeemed - points_expired - points_cancelled as decimal(28, 4)) as points_outstanding
from cumulated
