-- Every table arrives at the orders, sales and customers that fct_orders holds. Catches a join that
-- drops or doubles rows, a cut at as_of that one table makes and another does not, and a refund after
-- as_of that one gives back and another does not.
-- A batch reads no whole table for that: reports_agree_with_sales_by_day is what it can afford.

{%- if is_batch() %}

-- Reads all orders: not in a batch.
select 1 as failures
where false
{%- else %}

with later_refunds as (
    select
        refunds.order_id,
        sum(refunds.refund_amount) as net_sales,
        sum(refunds.refund_amount + refunds.refunded_shipping_amount + refunds.refunded_tax_amount) as total_sales
    from {{ ref('fct_refunds') }} as refunds
    cross join {{ ref('int_as_of') }} as as_of
    where refunds.refund_date > as_of.as_of_date
    group by refunds.order_id
),

orders as (
    select
        orders.order_number is not null as has_customer,
        orders.order_date <= as_of.as_of_date as is_included,
        count(*) as orders,
        count(*) filter (where orders.order_number = 1) as customers,
        sum(orders.net_sales) as net_sales,
        sum(orders.total_sales) as total_sales,
        sum(orders.gross_margin) as gross_margin,
        sum(orders.net_sales + coalesce(later_refunds.net_sales, 0)) as net_sales_as_of,
        sum(orders.total_sales + coalesce(later_refunds.total_sales, 0)) as total_sales_as_of,
        sum(orders.gross_margin + coalesce(later_refunds.net_sales, 0)) as gross_margin_as_of
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    left join later_refunds
        on orders.order_id = later_refunds.order_id
    where orders.is_counted
    group by has_customer, is_included
),

expected as (
    select
        'with a customer' as scope,
        sum(orders) as orders,
        sum(customers) as customers,
        sum(net_sales) as net_sales,
        sum(total_sales) as total_sales,
        sum(gross_margin) as gross_margin
    from orders
    where has_customer

    union all

    select
        'with a customer, by as_of' as scope,
        sum(orders) as orders,
        sum(customers) as customers,
        sum(net_sales_as_of) as net_sales,
        sum(total_sales_as_of) as total_sales,
        sum(gross_margin_as_of) as gross_margin
    from orders
    where has_customer and is_included

    union all

    select
        'by as_of' as scope,
        sum(orders) as orders,
        sum(customers) as customers,
        sum(net_sales_as_of) as net_sales,
        null as total_sales,
        null as gross_margin
    from orders
    where is_included
),

found as (
    select
        'fct_customer_periods' as relation,
        'with a customer' as scope,
        period_grain,
        sum(orders) as orders,
        count(*) filter (where is_new) as customers,
        sum(net_sales) as net_sales,
        sum(total_sales) as total_sales,
        sum(gross_margin) as gross_margin
    from {{ ref('fct_customer_periods') }}
    group by period_grain

    union all

    select
        'rpt_retention_by_period' as relation,
        'with a customer, by as_of' as scope,
        period_grain,
        sum(orders) as orders,
        sum(new_customers) as customers,
        sum(net_sales) as net_sales,
        sum(total_sales) as total_sales,
        sum(gross_margin) as gross_margin
    from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'
    group by period_grain

    union all

    select
        'rpt_retention_by_period' as relation,
        'by as_of' as scope,
        period_grain,
        sum(orders_all) as orders,
        max(customers_to_date) as customers,
        sum(net_sales_all) as net_sales,
        null as total_sales,
        null as gross_margin
    from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'
    group by period_grain

    union all

    select
        'rpt_retention_by_cohort' as relation,
        'with a customer, by as_of' as scope,
        period_grain,
        sum(orders) as orders,
        sum(cohort_size) filter (where period_number = 0) as customers,
        sum(net_sales) as net_sales,
        null as total_sales,
        sum(gross_margin) as gross_margin
    from {{ ref('rpt_retention_by_cohort') }}
    where segment_type = 'all'
    group by period_grain

    union all

    select
        'dim_customers' as relation,
        'with a customer, by as_of' as scope,
        null as period_grain,
        sum(orders) as orders,
        count(*) filter (where orders > 0) as customers,
        sum(net_sales) as net_sales,
        null as total_sales,
        null as gross_margin
    from {{ ref('dim_customers') }}

    union all

    select
        'rpt_customer_value' as relation,
        'with a customer, by as_of' as scope,
        null as period_grain,
        sum(orders) as orders,
        count(*) as customers,
        sum(net_sales) as net_sales,
        null as total_sales,
        sum(gross_margin) as gross_margin
    from {{ ref('rpt_customer_value') }}
),

-- A table without a row would have nothing to compare.
relations as (
    {%- for relation, scope in [
        ('fct_customer_periods', 'with a customer'),
        ('rpt_retention_by_period', 'with a customer, by as_of'),
        ('rpt_retention_by_period', 'by as_of'),
        ('rpt_retention_by_cohort', 'with a customer, by as_of'),
    ] %}
    {%- for grain in var('period_grains') %}
    select
        '{{ relation }}' as relation,
        '{{ scope }}' as scope,
        '{{ grain }}' as period_grain
    union all
    {%- endfor %}
    {%- endfor %}
    {%- for relation in ['dim_customers', 'rpt_customer_value'] %}
    select
        '{{ relation }}' as relation,
        'with a customer, by as_of' as scope,
        null as period_grain
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    relations.relation,
    relations.scope,
    relations.period_grain,
    found.orders,
    found.customers,
    found.net_sales,
    found.total_sales,
    found.gross_margin,
    expected.orders as expected_orders,
    expected.customers as expected_customers,
    expected.net_sales as expected_net_sales,
    expected.total_sales as expected_total_sales,
    expected.gross_margin as expected_gross_margin
from relations
inner join expected
    on relations.scope = expected.scope
left join found
    on
        relations.relation = found.relation
        and relations.scope = found.scope
        and relations.period_grain is not distinct from found.period_grain
where
    coalesce(found.orders, 0) <> expected.orders
    or coalesce(found.customers, 0) <> expected.customers
    or coalesce(found.net_sales, 0) <> expected.net_sales
    or found.total_sales <> expected.total_sales
    or found.gross_margin <> expected.gross_margin
{%- endif %}
