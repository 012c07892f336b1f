-- What was ordered with the card or the discount of a programme, by customers known or not.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

later_refunds_by_day as (
    select
        loyalty_program_id as program_id,
        order_date,
        sum(returns) as returns
    from {{ ref('int_later_refunds') }}
    where loyalty_program_id is not null
    group by 1, 2
),

orders_by_day as (
    select
        orders.loyalty_program_id as program_id,
        orders.order_date,
        count(*) as orders,
        sum(orders.gross_sales) as gross_sales,
        sum(orders.net_sales) as net_sales,
        sum(orders.loyalty_discounts) as loyalty_discounts
    from {{ ref('fct_orders') }} as orders
    cross join as_of
    where
        orders.is_counted
        and orders.loyalty_program_id is not null
        and orders.order_date <= as_of.as_of_date
    group by 1, 2
),

by_day as (
    select
        orders.program_id,
        orders.order_date,
        orders.orders,
        cast(orders.gross_sales as decimal(28, 4)) as gross_sales,
        cast(orders.net_sales + coalesce(later_refunds.returns, 0) as decimal(28, 4)) as net_sales,
        cast(orders.loyalty_discounts as decimal(28, 4)) as loyalty_discounts
    from orders_by_day as orders
    left join later_refunds_by_day as later_refunds
        on
            orders.program_id = later_refunds.program_id
            and orders.order_date = later_refunds.order_date
)

select * from by_day
