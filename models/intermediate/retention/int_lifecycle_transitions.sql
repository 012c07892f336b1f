-- From state to state, of the whole shop. Customers active in the period are counted, and so are
-- those whom time alone moved on. Of everybody else it is known that they stayed: who was in a state
-- at the end of the period before, less those who are counted. Following each customer through each
-- period would be a hundred times as many rows, nearly all of them from churned to churned.

with customers_in_state as (
    select * from {{ ref('int_lifecycle_by_period') }}
    where segment_type = 'all'
),

periods as (
    select
        periods.period_grain,
        periods.period_start,
        {{ add_days('periods.period_start', -1) }} as previous_end,
        least(periods.period_end, as_of.as_of_date) as last_day
    from {{ ref('int_periods') }} as periods
    cross join {{ ref('int_as_of') }} as as_of
),

moved_by_order as (
    select
        activity.period_grain,
        activity.period_start,
        activity.previous_state as from_state,
        {{ state_at_period_end('activity', 'periods.last_day') }} as to_state,
        sum(activity.customers) as customers
    from {{ ref('int_activity_by_state') }} as activity
    inner join periods
        on
            activity.period_grain = periods.period_grain
            and activity.period_start = periods.period_start
    where activity.segment_type = 'all'
    group by 1, 2, 3, 4
),

aged_by_day as (
    select * from {{ ref('int_aged_customers_by_day') }}
),

-- Without an order in the period. Who fell at risk and churned in it moved once.
moved_by_time as (
    select
        periods.period_grain,
        periods.period_start,
        {{ lifecycle_state('periods.previous_end', 'aged_by_day.order_date', 'aged_by_day.state_after_order') }}
            as from_state,
        {{ lifecycle_state('periods.last_day', 'aged_by_day.order_date', 'aged_by_day.state_after_order') }}
            as to_state,
        sum(aged_by_day.customers) as customers
    from aged_by_day
    inner join {{ ref('int_date_periods') }} as date_periods
        on
            aged_by_day.period_grain = date_periods.period_grain
            and aged_by_day.moved_date = date_periods.date_day
    inner join periods
        on
            date_periods.period_grain = periods.period_grain
            and date_periods.period_start = periods.period_start
    where
        aged_by_day.moved_date <= periods.last_day
        and (
            aged_by_day.moved_date = {{ churn_date('aged_by_day.order_date') }}
            or periods.last_day < {{ churn_date('aged_by_day.order_date') }}
        )
    group by 1, 2, 3, 4
),

moved as (
    select * from moved_by_order
    union all
    select * from moved_by_time
),

moved_from as (
    select
        period_grain,
        period_start,
        from_state,
        sum(customers) as customers
    from moved
    group by 1, 2, 3
),

previous_periods as (
    select
        periods.period_grain,
        periods.period_start,
        customers_in_state.state,
        customers_in_state.customers
    from customers_in_state
    inner join {{ ref('int_periods') }} as periods
        on
            customers_in_state.period_grain = periods.period_grain
            and customers_in_state.period_index = periods.period_index - 1
),

stayed as (
    select
        previous_periods.period_grain,
        previous_periods.period_start,
        previous_periods.state as from_state,
        previous_periods.state as to_state,
        previous_periods.customers - coalesce(moved_from.customers, 0) as customers
    from previous_periods
    left join moved_from
        on
            previous_periods.period_grain = moved_from.period_grain
            and previous_periods.period_start = moved_from.period_start
            and previous_periods.state = moved_from.from_state
),

transitions as (
    select * from moved
    union all
    select * from stayed
),

summed as (
    select
        period_grain,
        period_start,
        from_state,
        to_state,
        sum(customers) as customers
    from transitions
    group by 1, 2, 3, 4
)

select * from summed
