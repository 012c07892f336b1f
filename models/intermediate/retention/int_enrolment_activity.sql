{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['period_grain', 'cohort_start', 'period_start', 'segment_type', 'segment']
) }}

-- What the members of each enrolment cohort did in each period, by segment. Periods by their first day: their index
-- moves when the calendar begins earlier.

with members as (
    select
        customer_id,
        enrolled_date,
        weight
    from {{ ref('int_enrolment_changes') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

later_refunds as (
    select * from {{ ref('int_later_refund_changes') }}
),

order_days as (
    select
        order_days.segment_combination,
        members.enrolled_date,
        order_days.order_date,
        -- The last one since enrolment.
        case when order_days.previous_order_date >= members.enrolled_date then order_days.previous_order_date end
            as previous_order_date,
        order_days.orders,
        order_days.net_sales + coalesce(later_refunds.returns, 0) as net_sales,
        order_days.weight
    from {{ ref('int_order_day_changes') }} as order_days
    inner join members
        on
            order_days.customer_id = members.customer_id
            and order_days.order_date >= members.enrolled_date
            and {{ 'order_days.weight = members.weight' if is_batch() else 'true' }}
    left join later_refunds
        on
            order_days.customer_id = later_refunds.customer_id
            and order_days.order_date = later_refunds.order_date
            and {{ 'order_days.weight = later_refunds.weight' if is_batch() else 'true' }}
),

activity_by_combination as (
    select
        order_periods.period_grain,
        cohort_periods.period_start as cohort_start,
        order_periods.period_start,
        order_days.segment_combination,
        {{ count_changes(
            'coalesce(order_days.previous_order_date < order_periods.period_start, true)', 'order_days.weight'
        ) }} as active_customers,
        {{ sum_changes('order_days.orders', weight='order_days.weight') }} as orders,
        {{ sum_changes('order_days.net_sales', weight='order_days.weight') }} as net_sales
    from order_days
    inner join date_periods as order_periods
        on order_days.order_date = order_periods.date_day
    inner join date_periods as cohort_periods
        on
            order_periods.period_grain = cohort_periods.period_grain
            and order_days.enrolled_date = cohort_periods.date_day
    group by 1, 2, 3, 4
),

by_segment as (
    select
        activity.period_grain,
        activity.cohort_start,
        activity.period_start,
        segments.segment_type,
        segments.segment,
        cast(sum(activity.active_customers) as bigint) as active_customers,
        cast(sum(activity.orders) as bigint) as orders,
        cast(sum(activity.net_sales) as decimal(28, 4)) as net_sales
    from activity_by_combination as activity
    inner join {{ ref('int_segments') }} as segments
        on activity.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4, 5
)

select *
from by_segment
where active_customers <> 0 or orders <> 0 or net_sales <> 0
