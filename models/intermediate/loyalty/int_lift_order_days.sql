{{ config(materialized='increment') }}

-- What opens a pair of intervals, and the days that end them. No more columns than that: all order days of a shop are
-- joined by who reads this.

with later_refunds as (
    select
        customer_id,
        order_date,
        returns
    from {{ ref('int_later_refund_changes') }}
    where weight = 1
),

order_days as (
    select
        order_days.customer_id,
        order_days.order_date,
        order_days.net_sales + coalesce(later_refunds.returns, 0) as net_sales
    from {{ ref('int_batch_order_days') }} as order_days
    cross join {{ ref('int_as_of') }} as as_of
    left join later_refunds
        on
            order_days.customer_id = later_refunds.customer_id
            and order_days.order_date = later_refunds.order_date
    where order_days.order_date <= as_of.as_of_date
),

neighbours as (
    select
        customer_id,
        order_date,
        lead(order_date, 1) over customer_days as second_order_date,
        lead(order_date, 2) over customer_days as third_order_date,
        lead(order_date, 3) over customer_days as fourth_order_date,
        cast(net_sales as double) as net_sales,
        cast(lead(net_sales, 2) over customer_days as double) as third_net_sales,
        cast(lead(net_sales, 3) over customer_days as double) as fourth_net_sales,
        (row_number() over customer_days) - 1 as earlier_order_days,
        cast((sum(net_sales) over customer_days) - net_sales as double) as earlier_net_sales
    from order_days
    window customer_days as (
        partition by customer_id
        order by order_date
    )
)

select * from neighbours
where third_order_date is not null
