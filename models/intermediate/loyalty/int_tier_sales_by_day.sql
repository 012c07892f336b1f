-- What members bought while they were in a tier. A member of two programmes buys in a tier of each.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

tiers as (
    select tiers.*
    from {{ ref('fct_loyalty_tiers') }} as tiers
    cross join as_of
    where tiers.valid_from_date <= as_of.as_of_date
),

orders as (
    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        orders.net_sales
    from {{ ref('fct_orders') }} as orders
    cross join as_of
    where
        orders.is_counted
        and orders.order_date <= as_of.as_of_date
        and orders.customer_id in (select tiers.customer_id from tiers)
),

later_refunds as (
    select
        order_id,
        sum(returns) as returns
    from {{ ref('int_later_refunds') }}
    group by 1
),

by_day as (
    select
        tiers.program_id,
        tiers.tier,
        orders.order_date,
        count(*) as orders,
        cast(sum(orders.net_sales + coalesce(later_refunds.returns, 0)) as decimal(28, 4)) as net_sales
    from orders
    inner join tiers
        on
            orders.customer_id = tiers.customer_id
            and orders.order_date >= tiers.valid_from_date
            and coalesce(orders.order_date < tiers.valid_to_date, true)
    left join later_refunds
        on orders.order_id = later_refunds.order_id
    group by 1, 2, 3
)

select * from by_day
