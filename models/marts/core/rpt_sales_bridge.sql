-- Each raw row of orders leaves at the first step that applies to it. The raw sum is taken from the raw
-- rows, the steps from where those rows ended up: that they meet is tested.

{%- set steps = [
    'raw_gross_sales', 'superseded', 'quarantined', 'after_as_of', 'test', 'cancelled', 'not_counted',
    'discounts', 'returns', 'net_sales_all',
] %}

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

sales_days as (
    select
        sales.order_date,
        case
            when sales.step in ('test', 'cancelled', 'not_counted', 'counted') and sales.order_date > as_of.as_of_date
                then 'after_as_of'
            else sales.step
        end as step,
        sum(sales.orders) as orders,
        sum(sales.gross_sales) as gross_sales,
        sum(sales.discounts) as discounts,
        sum(sales.returns) as returns,
        sum(sales.net_sales) as net_sales
    from {{ ref('int_sales_by_day') }} as sales
    cross join as_of
    group by 1, 2
),

raw_days as (
    select
        order_date,
        step,
        orders,
        gross_sales as amount
    from sales_days
    where step = 'raw_gross_sales'
),

days_not_accepted as (
    select
        order_date,
        step,
        -orders as orders,
        -gross_sales as amount
    from sales_days
    where step in ('superseded', 'quarantined')
),

accepted_days as (
    select * from sales_days
    where step not in ('raw_gross_sales', 'superseded', 'quarantined')
),

later_refund_days as (
    select
        order_date,
        sum(returns) as returns
    from {{ ref('int_later_refunds') }}
    group by 1
),

counted_days as (
    select
        accepted_days.order_date,
        accepted_days.orders,
        accepted_days.discounts,
        accepted_days.returns - coalesce(later_refund_days.returns, 0) as returns,
        accepted_days.net_sales + coalesce(later_refund_days.returns, 0) as net_sales
    from accepted_days
    left join later_refund_days
        on accepted_days.order_date = later_refund_days.order_date
    where accepted_days.step = 'counted'
),

days as (
    select * from raw_days
    union all
    select * from days_not_accepted
    union all
    select
        order_date,
        step,
        -orders as orders,
        -gross_sales as amount
    from accepted_days
    where step <> 'counted'
    union all
    select
        order_date,
        'discounts' as step,
        0 as orders,
        -discounts as amount
    from counted_days
    union all
    select
        order_date,
        'returns' as step,
        0 as orders,
        -returns as amount
    from counted_days
    union all
    select
        order_date,
        'net_sales_all' as step,
        orders,
        net_sales as amount
    from counted_days
),

day_periods as (
    {% for grain in var('period_grains') -%}
    select
        '{{ grain }}' as period_grain,
        {{ period_start_of(grain, 'order_date') }} as period_start,
        order_date
    from raw_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

steps as (
    {% for step in steps -%}
    select
        '{{ step }}' as step,
        {{ loop.index }} as step_number
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

bridged as (
    select
        day_periods.period_grain,
        day_periods.period_start,
        cast(steps.step_number as bigint) as step_number,
        steps.step,
        cast(coalesce(sum(days.orders), 0) as bigint) as orders,
        cast(coalesce(sum(days.amount), 0) as decimal(28, 4)) as amount
    from day_periods
    cross join steps
    left join days
        on
            day_periods.order_date is not distinct from days.order_date
            and steps.step = days.step
    group by 1, 2, 3, 4
)

select * from bridged
