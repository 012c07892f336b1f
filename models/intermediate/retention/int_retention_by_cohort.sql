-- Counts and sums of rpt_retention_by_cohort, dense in period_number; the rates are made there.

with periods as (
    select * from {{ ref('int_periods') }}
),

activity as (
    select
        *,
        case when orders_with_cost > 0 then gross_margin end as known_gross_margin
    from {{ ref('int_cohort_activity') }}
),

last_activity as (
    select * from {{ ref('int_cohort_last_activity') }}
),

cohorts as (
    select
        activity.period_grain,
        activity.cohort_start,
        activity.segment_type,
        activity.segment,
        periods.period_index as cohort_index,
        activity.active_customers as cohort_size
    from activity
    inner join periods
        on
            activity.period_grain = periods.period_grain
            and activity.cohort_start = periods.period_start
    where activity.period_number = 0
),

spine as (
    select
        cohorts.period_grain,
        cohorts.cohort_start,
        cohorts.segment_type,
        cohorts.segment,
        cohorts.cohort_size,
        periods.period_index - cohorts.cohort_index as period_number,
        periods.period_start,
        periods.period_end,
        periods.is_complete
    from cohorts
    inner join periods
        on
            cohorts.period_grain = periods.period_grain
            and cohorts.cohort_index <= periods.period_index
),

periods_filled as (
    select
        spine.period_grain,
        spine.cohort_start,
        spine.period_number,
        spine.segment_type,
        spine.segment,
        spine.period_start,
        spine.period_end,
        spine.is_complete,
        spine.cohort_size,
        coalesce(activity.active_customers, 0) as active_customers,
        coalesce(activity.second_order_customers, 0) as second_order_customers,
        coalesce(last_activity.last_active_customers, 0) as last_active_customers,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.net_sales, 0) as net_sales,
        activity.known_gross_margin as gross_margin
    from spine
    left join activity
        on
            spine.period_grain = activity.period_grain
            and spine.cohort_start = activity.cohort_start
            and spine.period_number = activity.period_number
            and spine.segment_type = activity.segment_type
            and spine.segment = activity.segment
    left join last_activity
        on
            spine.period_grain = last_activity.period_grain
            and spine.cohort_start = last_activity.cohort_start
            and spine.period_number = last_activity.period_number
            and spine.segment_type = last_activity.segment_type
            and spine.segment = last_activity.segment
),

with_history as (
    select
        *,
        sum(last_active_customers) over (
            partition by period_grain, cohort_start, segment_type, segment
            order by period_number
            rows between current row and unbounded following
        ) as on_or_after_customers,
        sum(second_order_customers) over to_date as repurchased_customers,
        sum(orders) over to_date as cumulative_orders,
        sum(net_sales) over to_date as cumulative_net_sales,
        first_value(net_sales) over to_date as first_period_net_sales
    from periods_filled
    window to_date as (
        partition by period_grain, cohort_start, segment_type, segment
        order by period_number
        rows between unbounded preceding and current row
    )
)

select * from with_history
