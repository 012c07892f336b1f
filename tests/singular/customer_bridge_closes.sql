-- Each reading of the repeat customer rate is the one before it plus the difference between them,
-- and all three are those of rpt_retention_by_period, period by period. The differences are counted
-- by themselves: a customer who is new in one count and not in another, or whose orders to date do
-- not hold those of the period, opens a gap here.

with bridge as (
    select
        *,
        sum(case when step_number = 1 or step_type = 'difference' then customers end) over (
            partition by period_grain, period_start
            order by step_number
        ) as customers_so_far
    from {{ ref('rpt_customer_bridge') }}
),

readings as (
    select
        period_grain,
        period_start,
        repeat_customers as customers,
        repeat_customer_rate as rate,
        'repeat_customers' as step
    from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'

    union all

    select
        period_grain,
        period_start,
        repeat_customers_to_date as customers,
        repeat_customer_rate_to_date as rate,
        'repeat_customers_to_date' as step
    from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'

    union all

    select
        period_grain,
        period_start,
        returning_customers as customers,
        returning_customer_share as rate,
        'returning_customers' as step
    from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'
)

select
    coalesce(readings.period_grain, bridge.period_grain) as period_grain,
    coalesce(readings.period_start, bridge.period_start) as period_start,
    coalesce(readings.step, bridge.step) as step,
    readings.customers as reported_customers,
    readings.rate as reported_rate,
    bridge.customers,
    bridge.customers_so_far,
    bridge.rate
from readings
full outer join bridge
    on
        readings.period_grain = bridge.period_grain
        and readings.period_start = bridge.period_start
        and readings.step = bridge.step
where
    coalesce(bridge.step_type, 'reading') = 'reading'
    and (
        coalesce(bridge.customers <> readings.customers, true)
        or bridge.customers <> bridge.customers_so_far
        or coalesce(bridge.rate, -1) <> coalesce(readings.rate, -1)
    )
