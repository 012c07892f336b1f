-- The reports hold the orders and net sales of the days up to as_of. Both are sums that batches change, each by
-- itself: catches one that took in what another did not. Reads no fact, so batches run it too;
-- sales_are_the_same_on_every_floor compares with the facts.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

sales as (
    select
        sales.has_customer,
        sales.orders,
        sales.net_sales
    from {{ ref('int_sales_by_day') }} as sales
    cross join as_of
    where sales.step = 'counted' and sales.order_date <= as_of.as_of_date
    union all
    select
        customer_id is not null as has_customer,
        0 as orders,
        returns as net_sales
    from {{ ref('int_later_refunds') }}
),

expected as (
    select
        sum(orders) as orders_all,
        sum(net_sales) as net_sales_all,
        coalesce(sum(orders) filter (where has_customer), 0) as orders,
        coalesce(sum(net_sales) filter (where has_customer), 0) as net_sales
    from sales
),

found as (
    select
        'rpt_retention_by_period' as relation,
        period_grain,
        sum(orders) as orders,
        sum(net_sales) as net_sales,
        sum(orders_all) as orders_all,
        sum(net_sales_all) as net_sales_all
    from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'
    group by period_grain
    union all
    select
        'rpt_retention_by_cohort' as relation,
        period_grain,
        sum(orders) as orders,
        sum(net_sales) as net_sales,
        null as orders_all,
        null as net_sales_all
    from {{ ref('rpt_retention_by_cohort') }}
    where segment_type = 'all'
    group by period_grain
)

select
    found.*,
    expected.orders as expected_orders,
    expected.net_sales as expected_net_sales,
    expected.orders_all as expected_orders_all,
    expected.net_sales_all as expected_net_sales_all
from found
cross join expected
where
    found.orders <> expected.orders
    or found.net_sales <> expected.net_sales
    or found.orders_all <> expected.orders_all
    or found.net_sales_all <> expected.net_sales_all
