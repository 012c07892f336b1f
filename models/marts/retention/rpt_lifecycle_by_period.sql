with customers_in_state as (
    select * from {{ ref('int_lifecycle_by_period') }}
),

periods as (
    select
        periods.period_grain,
        periods.period_start,
        least(periods.period_end, as_of.as_of_date) as last_day
    from {{ ref('int_periods') }} as periods
    cross join {{ ref('int_as_of') }} as as_of
),

net_sales_in_state as (
    select
        activity.period_grain,
        activity.period_start,
        activity.segment_type,
        activity.segment,
        {{ state_at_period_end('activity', 'periods.last_day') }} as state,
        sum(activity.net_sales) as net_sales
    from {{ ref('int_activity_by_state') }} as activity
    inner join periods
        on
            activity.period_grain = periods.period_grain
            and activity.period_start = periods.period_start
    group by 1, 2, 3, 4, 5
),

lifecycle as (
    select
        customers_in_state.period_grain,
        customers_in_state.segment_type,
        customers_in_state.segment,
        customers_in_state.state,
        customers_in_state.period_start,
        customers_in_state.period_end,
        customers_in_state.is_complete,
        cast(customers_in_state.customers as bigint) as customers,
        cast(coalesce(net_sales_in_state.net_sales, 0) as decimal(28, 4)) as net_sales
    from customers_in_state
    left join net_sales_in_state
        on
            customers_in_state.period_grain = net_sales_in_state.period_grain
            and customers_in_state.period_start = net_sales_in_state.period_start
            and customers_in_state.segment_type = net_sales_in_state.segment_type
            and customers_in_state.segment = net_sales_in_state.segment
            and customers_in_state.state = net_sales_in_state.state
)

select * from lifecycle
