-- Steps 1 to 9 add up to the last, and the last is the report's own net_sales_all: no raw row is lost, or
-- counted twice, on the way from the shop's total to ours.

with bridged as (
    select
        period_grain,
        period_start,
        sum(case when step <> 'net_sales_all' then orders end) as orders_by_steps,
        sum(case when step <> 'net_sales_all' then amount end) as amount_by_steps,
        sum(case when step = 'net_sales_all' then orders end) as orders,
        sum(case when step = 'net_sales_all' then amount end) as amount,
        count(*) as steps
    from {{ ref('rpt_sales_bridge') }}
    group by 1, 2
),

reported as (
    select
        period_grain,
        period_start,
        orders_all,
        net_sales_all
    from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'
)

select
    coalesce(bridged.period_grain, reported.period_grain) as period_grain,
    coalesce(bridged.period_start, reported.period_start) as period_start,
    bridged.orders_by_steps,
    bridged.orders,
    reported.orders_all,
    bridged.amount_by_steps,
    bridged.amount,
    reported.net_sales_all
from bridged
full outer join reported
    on
        bridged.period_grain = reported.period_grain
        and bridged.period_start = reported.period_start
where
    coalesce(bridged.orders_by_steps, 0) <> coalesce(bridged.orders, 0)
    or coalesce(bridged.amount_by_steps, 0) <> coalesce(bridged.amount, 0)
    or coalesce(bridged.orders, 0) <> coalesce(reported.orders_all, 0)
    or coalesce(bridged.amount, 0) <> coalesce(reported.net_sales_all, 0)
    or coalesce(bridged.steps, 10) <> 10
