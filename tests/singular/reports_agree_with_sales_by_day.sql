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
),

-- A report without a row would have nothing to compare.
relations as (
    {%- for relation in ['rpt_retention_by_period', 'rpt_retention_by_cohort'] %}
    {%- set is_last_relation = loop.last %}
    {%- for grain in var('period_grains') %}
    select
        '{{ relation }}' as relation,
        '{{ grain }}' as period_grain
    {{ 'union all' if not (is_last_relation and loop.last) }}
    {%- endfor %}
    {%- endfor %}
)

select
    relations.relation,
    relations.period_grain,
    found.orders,
    found.net_sales,
    found.orders_all,
    found.net_sales_all,
    expected.orders as expected_orders,
    expected.net_sales as expected_net_sales,
    expected.orders_all as expected_orders_all,
    expected.net_sales_all as expected_net_sales_all
from relations
cross join expected
left join found
    on
        relations.relation = found.relation
        and relations.period_grain = found.period_grain
where
    coalesce(found.orders, 0) <> expected.orders
    or coalesce(found.net_sales, 0) <> expected.net_sales
    or found.orders_all <> expected.orders_all
    or found.net_sales_all <> expected.net_sales_all
