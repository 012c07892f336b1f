-- The customers active in each period, from what state to what state they went in it and with what
-- net sales, as of as_of. Who was not active changes state by time alone: that needs no row here.

with order_days as (
    select
        order_days.*,
        segments.segment_combination
    from {{ ref('int_customer_order_days') }} as order_days
    cross join {{ ref('int_as_of') }} as as_of
    inner join {{ ref('int_customer_segments') }} as segments
        on order_days.customer_id = segments.customer_id
    where order_days.order_date <= as_of.as_of_date
),

later_refunds as (
    select
        customer_id,
        order_date,
        sum(returns) as returns
    from {{ ref('int_later_refunds') }}
    where customer_id is not null
    group by 1, 2
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

as_they_stood as (
    select
        order_days.customer_id,
        order_days.segment_combination,
        order_days.order_date,
        order_days.previous_order_date,
        order_days.next_order_date,
        order_days.state_after_order,
        order_days.previous_state_after_order,
        cast(order_days.net_sales + coalesce(later_refunds.returns, 0) as decimal(18, 4)) as net_sales
    from order_days
    left join later_refunds
        on
            order_days.customer_id = later_refunds.customer_id
            and order_days.order_date = later_refunds.order_date
),

activity as (
    select
        as_they_stood.customer_id,
        as_they_stood.segment_combination,
        date_periods.period_grain,
        date_periods.period_start,
        max(as_they_stood.order_date) as last_order_date,
        -- The day whose next one lies beyond the period or as_of is the last in it; the one whose
        -- previous day lies before the period is the first.
        max(as_they_stood.state_after_order) filter (
            where coalesce(as_they_stood.next_order_date > least(date_periods.period_end, as_of.as_of_date), true)
        ) as state_after_last_order,
        max(as_they_stood.next_order_date) filter (
            where as_they_stood.next_order_date > date_periods.period_end
        ) as next_order_date,
        max(as_they_stood.previous_order_date) filter (
            where as_they_stood.previous_order_date < date_periods.period_start
        ) as previous_order_date,
        max(as_they_stood.previous_state_after_order) filter (
            where as_they_stood.previous_order_date < date_periods.period_start
        ) as previous_state_after_order,
        cast(sum(as_they_stood.net_sales) as decimal(18, 4)) as net_sales
    from as_they_stood
    cross join {{ ref('int_as_of') }} as as_of
    inner join date_periods
        on as_they_stood.order_date = date_periods.date_day
    group by 1, 2, 3, 4
),

periods as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_index,
        {{ add_days('periods.period_start', -1) }} as previous_end,
        least(periods.period_end, as_of.as_of_date) as last_day
    from {{ ref('int_periods') }} as periods
    cross join {{ ref('int_as_of') }} as as_of
),

with_states as (
    select
        activity.customer_id,
        activity.segment_combination,
        activity.period_grain,
        periods.period_index,
        {{ lifecycle_state('periods.last_day', 'activity.last_order_date', 'activity.state_after_last_order') }}
            as state,
        coalesce(
            {{ lifecycle_state('periods.previous_end', 'activity.previous_order_date',
                'activity.previous_state_after_order') }},
            'none'
        ) as previous_state,
        activity.net_sales,
        coalesce(previous_periods.period_index = periods.period_index - 1, false) as is_retained,
        activity.period_start,
        activity.next_order_date
    from activity
    inner join periods
        on
            activity.period_grain = periods.period_grain
            and activity.period_start = periods.period_start
    left join date_periods as previous_periods
        on
            activity.period_grain = previous_periods.period_grain
            and activity.previous_order_date = previous_periods.date_day
)

select * from with_states
