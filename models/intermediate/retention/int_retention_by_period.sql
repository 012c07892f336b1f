-- Counts and sums of rpt_retention_by_period on a dense spine; the rates are made there.

with periods as (
    select * from {{ ref('int_periods') }}
),

segments as (
    select * from {{ ref('int_segments') }}
),

activity as (
    select
        cohort_activity.period_grain,
        cohort_activity.period_start,
        cohort_activity.segment_type,
        cohort_activity.segment,
        sum(cohort_activity.active_customers) as active_customers,
        sum(cohort_activity.new_customers) as new_customers,
        sum(cohort_activity.retained_customers) as retained_customers,
        sum(cohort_activity.resurrected_customers) as resurrected_customers,
        sum(cohort_activity.repeat_customers) as repeat_customers,
        sum(cohort_activity.repeat_customers_to_date) as repeat_customers_to_date,
        sum(cohort_activity.second_order_customers) as second_order_customers,
        sum(cohort_activity.returning_with_one_order) as returning_with_one_order,
        sum(cohort_activity.new_with_several_orders) as new_with_several_orders,
        sum(cohort_activity.orders) as orders,
        sum(cohort_activity.gross_sales) as gross_sales,
        sum(cohort_activity.discounts) as discounts,
        sum(cohort_activity.returns) as returns,
        sum(cohort_activity.net_sales) as net_sales,
        sum(cohort_activity.total_sales) as total_sales,
        case
            when sum(cohort_activity.orders_with_cost) > 0 then sum(cohort_activity.gross_margin)
        end as gross_margin
    from {{ ref('int_cohort_activity') }} as cohort_activity
    group by 1, 2, 3, 4
),

churned as (
    select
        churned_customers.period_grain,
        date_periods.period_start,
        churned_customers.segment_type,
        churned_customers.segment,
        sum(churned_customers.churned_customers) as churned_customers
    from {{ ref('int_period_churned_customers') }} as churned_customers
    cross join {{ ref('int_as_of') }} as as_of
    inner join {{ ref('int_date_periods') }} as date_periods
        on
            churned_customers.period_grain = date_periods.period_grain
            and churned_customers.date_day = date_periods.date_day
    where churned_customers.date_day <= as_of.as_of_date
    group by 1, 2, 3, 4
),

open_customers_by_day as (
    select * from {{ ref('int_open_customers_by_day') }}
),

open_changes as (
    select
        date_periods.period_grain,
        -- A change on the first day of a period is seen at its start, a later one at the next start.
        case
            when open_customers_by_day.date_day = date_periods.period_start then date_periods.period_start
            else date_periods.next_period_start
        end as period_start,
        open_customers_by_day.segment_type,
        open_customers_by_day.segment,
        sum(open_customers_by_day.open_customers_change) as open_customers_change
    from open_customers_by_day
    inner join {{ ref('int_date_periods') }} as date_periods
        on open_customers_by_day.date_day = date_periods.date_day
    group by 1, 2, 3, 4
),

posted_changes as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        segments.segment_type,
        segments.segment,
        sum(returns_posted.returns_change) as returns_change
    from {{ ref('int_returns_posted_by_day') }} as returns_posted
    inner join {{ ref('int_date_periods') }} as date_periods
        on returns_posted.date_day = date_periods.date_day
    inner join segments
        on returns_posted.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4
),

sales_without_customer as (
    select
        sales.order_date,
        sales.orders,
        sales.net_sales
    from {{ ref('int_sales_by_day') }} as sales
    cross join {{ ref('int_as_of') }} as as_of
    where
        sales.step = 'counted'
        and not sales.has_customer
        and sales.order_date <= as_of.as_of_date
    union all
    select
        order_date,
        0 as orders,
        returns as net_sales
    from {{ ref('int_later_refunds') }}
    where customer_id is null
),

orders_without_customer as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        sum(sales.orders) as orders,
        sum(sales.net_sales) as net_sales
    from sales_without_customer as sales
    inner join {{ ref('int_date_periods') }} as date_periods
        on sales.order_date = date_periods.date_day
    group by 1, 2
),

-- Orders without a customer are in 'all' and in the segment 'unknown' of each segment_type.
report_segments as (
    select
        segment_type,
        segment
    from activity
    union distinct
    select
        segments.segment_type,
        case when segments.segment_type = 'all' then 'all' else 'unknown' end as segment
    from segments
    cross join orders_without_customer
),

spine as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        report_segments.segment_type,
        report_segments.segment
    from periods
    cross join report_segments
),

periods_filled as (
    select
        spine.period_grain,
        spine.period_start,
        spine.period_end,
        spine.is_complete,
        spine.segment_type,
        spine.segment,
        coalesce(activity.active_customers, 0) as active_customers,
        coalesce(activity.new_customers, 0) as new_customers,
        coalesce(activity.retained_customers, 0) as retained_customers,
        coalesce(activity.resurrected_customers, 0) as resurrected_customers,
        coalesce(activity.repeat_customers, 0) as repeat_customers,
        coalesce(activity.repeat_customers_to_date, 0) as repeat_customers_to_date,
        coalesce(activity.second_order_customers, 0) as second_order_customers,
        coalesce(activity.returning_with_one_order, 0) as returning_with_one_order,
        coalesce(activity.new_with_several_orders, 0) as new_with_several_orders,
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.gross_sales, 0) as gross_sales,
        coalesce(activity.discounts, 0) as discounts,
        coalesce(activity.returns, 0) as returns,
        coalesce(activity.returns, 0) + coalesce(posted_changes.returns_change, 0) as returns_posted,
        coalesce(activity.net_sales, 0) as net_sales,
        coalesce(activity.total_sales, 0) as total_sales,
        activity.gross_margin,
        coalesce(activity.orders, 0) + coalesce(orders_without_customer.orders, 0) as orders_all,
        coalesce(activity.net_sales, 0) + coalesce(orders_without_customer.net_sales, 0) as net_sales_all,
        coalesce(open_changes.open_customers_change, 0) as open_customers_change,
        coalesce(churned.churned_customers, 0) as churned_customers
    from spine
    left join activity
        on
            spine.period_grain = activity.period_grain
            and spine.period_start = activity.period_start
            and spine.segment_type = activity.segment_type
            and spine.segment = activity.segment
    left join churned
        on
            spine.period_grain = churned.period_grain
            and spine.period_start = churned.period_start
            and spine.segment_type = churned.segment_type
            and spine.segment = churned.segment
    left join open_changes
        on
            spine.period_grain = open_changes.period_grain
            and spine.period_start = open_changes.period_start
            and spine.segment_type = open_changes.segment_type
            and spine.segment = open_changes.segment
    left join posted_changes
        on
            spine.period_grain = posted_changes.period_grain
            and spine.period_start = posted_changes.period_start
            and spine.segment_type = posted_changes.segment_type
            and spine.segment = posted_changes.segment
    left join orders_without_customer
        on
            spine.period_grain = orders_without_customer.period_grain
            and spine.period_start = orders_without_customer.period_start
            and (spine.segment_type = 'all' or spine.segment = 'unknown')
),

with_history as (
    select
        *,
        coalesce(lag(active_customers) over periods_in_order, 0) as previous_active_customers,
        sum(new_customers) over to_date as customers_to_date,
        sum(second_order_customers) over to_date as repeat_customers_lifetime,
        sum(open_customers_change) over to_date as open_customers
    from periods_filled
    window
        -- Not every engine lets lag() have a frame.
        periods_in_order as (
            partition by period_grain, segment_type, segment
            order by period_start
        ),
        to_date as (
            partition by period_grain, segment_type, segment
            order by period_start
            rows between unbounded preceding and current row
        )
)

select * from with_history
