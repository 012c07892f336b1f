-- The customers active in each period, from what state to what state they went in it and with what
-- net sales, as of as_of. Who was not active changes state by time alone: that needs no row here.

with order_days as (
    select
        order_days.customer_id,
        segments.segment_combination,
        order_days.order_date,
        order_days.previous_order_date,
        order_days.order_date_before_previous,
        order_days.next_order_date,
        order_days.net_sales
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

periods as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_index,
        lag(periods.period_start) over (
            partition by periods.period_grain
            order by periods.period_start
        ) as previous_start,
        {{ add_days('periods.period_start', -1) }} as previous_end,
        least(periods.period_end, as_of.as_of_date) as last_day
    from {{ ref('int_periods') }} as periods
    cross join {{ ref('int_as_of') }} as as_of
),

as_they_stood as (
    select
        order_days.customer_id,
        order_days.segment_combination,
        order_days.order_date,
        order_days.previous_order_date,
        order_days.order_date_before_previous,
        order_days.next_order_date,
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
        date_periods.period_grain,
        date_periods.period_start,
        max(as_they_stood.segment_combination) as segment_combination,
        max(as_they_stood.order_date) as last_order_date,
        max(as_they_stood.previous_order_date) as order_date_before_last,
        max(as_they_stood.next_order_date) as latest_next_order_date,
        min(as_they_stood.previous_order_date) as earliest_previous_order_date,
        min(as_they_stood.order_date_before_previous) as earliest_order_date_before_previous,
        cast(sum(as_they_stood.net_sales) as decimal(18, 4)) as net_sales
    from as_they_stood
    inner join {{ ref('int_date_periods') }} as date_periods
        on as_they_stood.order_date = date_periods.date_day
    group by 1, 2, 3
),

-- Order days come in order, so the least and the greatest belong to the first and to the last one in
-- the period; where these have none, what is found belongs to a day between and lies on its wrong side.
around as (
    select
        activity.customer_id,
        activity.segment_combination,
        activity.period_grain,
        activity.last_order_date,
        activity.order_date_before_last,
        case
            when activity.latest_next_order_date > activity.last_order_date then activity.latest_next_order_date
        end as next_order_date,
        case
            when activity.earliest_previous_order_date < activity.period_start
                then activity.earliest_previous_order_date
        end as previous_order_date,
        case
            when activity.earliest_order_date_before_previous < activity.earliest_previous_order_date
                then activity.earliest_order_date_before_previous
        end as order_date_before_previous,
        activity.net_sales,
        periods.period_start,
        periods.period_index,
        periods.previous_start,
        periods.previous_end,
        periods.last_day
    from activity
    inner join periods
        on
            activity.period_grain = periods.period_grain
            and activity.period_start = periods.period_start
),

with_states as (
    select
        customer_id,
        segment_combination,
        period_grain,
        period_index,
        {{ lifecycle_state(
            'last_day', 'last_order_date', state_after_order('last_order_date', 'order_date_before_last')
        ) }} as state,
        coalesce(
            {{ lifecycle_state(
                'previous_end', 'previous_order_date',
                state_after_order('previous_order_date', 'order_date_before_previous')
            ) }},
            'none'
        ) as previous_state,
        net_sales,
        coalesce(previous_order_date >= previous_start, false) as is_retained,
        period_start,
        next_order_date
    from around
)

select * from with_states
