-- Counts and sums of rpt_retention_by_period on a dense spine; the rates are made there.

with periods as (
    select * from {{ ref('int_periods') }}
),

activity as (
    {{- sum_by_segment(ref('int_period_activity'), ['period_grain', 'period_start'], [
        'active_customers', 'new_customers', 'retained_customers', 'resurrected_customers',
        'repeat_customers', 'repeat_customers_to_date', 'second_order_customers', 'orders',
        'gross_sales', 'discounts', 'returns', 'net_sales', 'total_sales', 'gross_margin',
        'orders_without_customer', 'net_sales_without_customer',
    ]) }}
),

open_changes as (
    {{- sum_by_segment(ref('int_period_open_customers'), ['period_grain', 'period_start'], ['open_customers_change']) }}
),

churned as (
    {{- sum_by_segment(ref('int_period_churned_customers'), ['period_grain', 'period_start'], ['churned_customers']) }}
),

segments as (
    select distinct
        segment_type,
        segment
    from activity
),

spine as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        segments.segment_type,
        segments.segment
    from periods
    cross join segments
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
        coalesce(activity.orders, 0) as orders,
        coalesce(activity.gross_sales, 0) as gross_sales,
        coalesce(activity.discounts, 0) as discounts,
        coalesce(activity.returns, 0) as returns,
        coalesce(activity.net_sales, 0) as net_sales,
        coalesce(activity.total_sales, 0) as total_sales,
        activity.gross_margin,
        coalesce(activity.orders, 0) + coalesce(activity.orders_without_customer, 0) as orders_all,
        coalesce(activity.net_sales, 0) + coalesce(activity.net_sales_without_customer, 0) as net_sales_all,
        coalesce(open_changes.open_customers_change, 0) as open_customers_change,
        coalesce(churned.churned_customers, 0) as churned_customers
    from spine
    left join activity
        on
            spine.period_grain = activity.period_grain
            and spine.period_start = activity.period_start
            and spine.segment_type = activity.segment_type
            and spine.segment = activity.segment
    left join open_changes
        on
            spine.period_grain = open_changes.period_grain
            and spine.period_start = open_changes.period_start
            and spine.segment_type = open_changes.segment_type
            and spine.segment = open_changes.segment
    left join churned
        on
            spine.period_grain = churned.period_grain
            and spine.period_start = churned.period_start
            and spine.segment_type = churned.segment_type
            and spine.segment = churned.segment
),

with_history as (
    select
        *,
        coalesce(lag(active_customers) over earlier_periods, 0) as previous_active_customers,
        sum(new_customers) over earlier_periods as customers_to_date,
        sum(second_order_customers) over earlier_periods as repeat_customers_lifetime,
        sum(open_customers_change) over earlier_periods as open_customers
    from periods_filled
    window earlier_periods as (
        partition by period_grain, segment_type, segment
        order by period_start
        rows between unbounded preceding and current row
    )
)

select * from with_history
