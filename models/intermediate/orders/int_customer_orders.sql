-- As of as_of: a later order is not in the sums, but its customer is in the table.

with orders as (
    select
        orders.*,
        orders.order_number is not null and orders.order_date <= as_of.as_of_date as is_included
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    where orders.customer_id is not null
),

customers as (
    select
        customer_id,
        count(*) filter (where is_included) as orders,
        sum(net_sales) filter (where is_included) as net_sales,
        sum(gross_margin) filter (where is_included) as gross_margin,
        -- Net sales of the days after the first: what the Gamma-Gamma model is fitted to.
        sum(net_sales) filter (
            where is_included and order_date > customer_first_order_date
        ) as repeat_day_net_sales,
        count(*) filter (
            where is_included and order_date > previous_order_date
        ) as repeat_purchase_days,
        min(ordered_at) filter (where is_included) as first_order_at,
        max(ordered_at) filter (where is_included) as last_order_at,
        min(order_date) filter (where is_included) as first_order_date,
        min(order_date) filter (where is_included and order_number = 2) as second_order_date,
        max(order_date) filter (where is_included) as last_order_date,
        max(sales_channel) filter (where is_included and order_number = 1) as first_sales_channel
    from orders
    group by customer_id
)

select * from customers
