-- Each order is a rung that its customer has reached, so the rungs add up to the orders; the first has
-- all customers, and each next one as many as went on. All of it as the period report has it on as_of.

with ladder as (
    select
        *,
        lead(customers) over (
            partition by segment_type, segment
            order by order_number
        ) as customers_of_next_rung
    from {{ ref('rpt_order_ladder') }}
),

last_periods as (
    select
        period_grain,
        max(period_start) as period_start
    from {{ ref('rpt_retention_by_period') }}
    group by 1
),

reported as (
    select
        retention.period_grain,
        retention.segment_type,
        retention.segment,
        sum(retention.orders) as orders,
        sum(retention.new_customers) as customers,
        max(retention.repeat_customers_lifetime) filter (
            where retention.period_start = last_periods.period_start
        ) as repeat_customers
    from {{ ref('rpt_retention_by_period') }} as retention
    inner join last_periods
        on retention.period_grain = last_periods.period_grain
    group by 1, 2, 3
),

climbed as (
    select
        segment_type,
        segment,
        sum(customers) as orders,
        max(customers) filter (where order_number = 1) as customers,
        max(next_customers) filter (where order_number = 1) as repeat_customers,
        count(*) filter (where next_customers <> coalesce(customers_of_next_rung, 0)) as broken_rungs
    from ladder
    group by 1, 2
)

select
    reported.*,
    climbed.orders as orders_on_rungs,
    climbed.customers as customers_on_the_first,
    climbed.broken_rungs
from reported
full outer join climbed
    on
        reported.segment_type = climbed.segment_type
        and reported.segment = climbed.segment
where
    coalesce(reported.orders, 0) <> coalesce(climbed.orders, 0)
    or coalesce(reported.customers, 0) <> coalesce(climbed.customers, 0)
    or coalesce(reported.repeat_customers, 0) <> coalesce(climbed.repeat_customers, 0)
    or climbed.broken_rungs > 0
