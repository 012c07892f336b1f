-- What was ordered with the card or the discount of a programme, by customers known or not.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

later_refunds as (
    select
        order_id,
        sum(returns) as returns
    from {{ ref('int_later_refunds') }}
    group by 1
),

orders as (
    select
        orders.order_id,
        orders.loyalty_program_id as program_id,
        orders.order_date,
        orders.gross_sales,
        orders.net_sales,
        orders.loyalty_discounts
    from {{ ref('fct_orders') }} as orders
    cross join as_of
    where
        orders.is_counted
        and orders.loyalty_program_id is not null
        and orders.order_date <= as_of.as_of_date
),

by_day as (
    select
        orders.program_id,
        orders.order_date,
        count(*) as orders,
        cast(sum(orders.gross_sales) as decimal(28, 4)) as gross_sales,
        cast(sum(orders.net_sales + coalesce(later_refunds.returns, 0)) as decimal(28, 4)) as net_sales,
        cast(sum(orders.loyalty_discounts) as decimal(28, 4)) as loyalty_discounts
    from orders
    left join later_refunds
        on orders.order_id = later_refunds.order_id
    group by 1, 2
)

select * from by_day
