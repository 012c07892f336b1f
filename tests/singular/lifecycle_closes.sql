-- Whoever has ever ordered is in one state at the end of each period, with all that was bought in it;
-- who was in a state at its end is who was in one at the end of the period before and moved, or is new.
-- The transitions of those who stayed are made by subtraction: a customer who moves twice, or not at
-- all where time moved the state on, opens a gap here.

with states as (
    select
        period_grain,
        period_start,
        segment_type,
        segment,
        sum(customers) as customers,
        sum(net_sales) as net_sales
    from {{ ref('rpt_lifecycle_by_period') }}
    group by 1, 2, 3, 4
),

retention as (
    select * from {{ ref('rpt_retention_by_period') }}
),

not_everybody as (
    select
        coalesce(retention.period_grain, states.period_grain) as period_grain,
        coalesce(retention.period_start, states.period_start) as period_start,
        coalesce(retention.segment_type, states.segment_type) as segment_type,
        coalesce(retention.segment, states.segment) as segment,
        'customers or net sales of all states' as failure
    from retention
    full outer join states
        on
            retention.period_grain = states.period_grain
            and retention.period_start = states.period_start
            and retention.segment_type = states.segment_type
            and retention.segment = states.segment
    -- A segment of orders without a customer has its rows too.
    where coalesce(retention.customers_to_date <> states.customers or retention.net_sales <> states.net_sales, true)
),

customers_by_state as (
    select
        *,
        lead(period_start) over (
            partition by period_grain, state
            order by period_start
        ) as next_period_start
    from {{ ref('rpt_lifecycle_by_period') }}
    where segment_type = 'all'
),

arrived as (
    select
        period_grain,
        period_start,
        to_state as state,
        sum(customers) as customers
    from {{ ref('rpt_lifecycle_transitions') }}
    group by 1, 2, 3
),

departed as (
    select
        period_grain,
        period_start,
        from_state as state,
        sum(customers) as customers
    from {{ ref('rpt_lifecycle_transitions') }}
    group by 1, 2, 3
),

not_arrived as (
    select
        coalesce(customers_by_state.period_grain, arrived.period_grain) as period_grain,
        coalesce(customers_by_state.period_start, arrived.period_start) as period_start,
        'all' as segment_type,
        coalesce(customers_by_state.state, arrived.state) as segment,
        'transitions to the state' as failure
    from customers_by_state
    full outer join arrived
        on
            customers_by_state.period_grain = arrived.period_grain
            and customers_by_state.period_start = arrived.period_start
            and customers_by_state.state = arrived.state
    where coalesce(customers_by_state.customers, 0) <> coalesce(arrived.customers, 0)
),

not_departed as (
    select
        customers_by_state.period_grain,
        customers_by_state.next_period_start as period_start,
        'all' as segment_type,
        customers_by_state.state as segment,
        'transitions from the state' as failure
    from customers_by_state
    left join departed
        on
            customers_by_state.period_grain = departed.period_grain
            and customers_by_state.next_period_start = departed.period_start
            and customers_by_state.state = departed.state
    where
        customers_by_state.next_period_start is not null
        and customers_by_state.customers <> coalesce(departed.customers, 0)
),

not_new as (
    select
        retention.period_grain,
        retention.period_start,
        'all' as segment_type,
        'none' as segment,
        'new customers' as failure
    from retention
    left join departed
        on
            retention.period_grain = departed.period_grain
            and retention.period_start = departed.period_start
            and departed.state = 'none'
    where
        retention.segment_type = 'all'
        and retention.new_customers <> coalesce(departed.customers, 0)
)

select * from not_everybody
union all
select * from not_arrived
union all
select * from not_departed
union all
select * from not_new
