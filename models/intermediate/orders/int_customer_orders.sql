{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_customers'}}
) }}

-- As of as_of: a later order is not in the sums, but its customer is in the table.

with orders as (
    select
        orders.*,
        orders.order_number is not null and orders.order_date <= as_of.as_of_date as is_included
    from {{ ref('int_batch_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    where orders.customer_id is not null
),

later_refunds as (
    select
        customer_id,
        sum(returns) as returns,
        sum(returns) filter (where order_date > customer_first_order_date) as repeat_day_returns,
        sum(gross_margin) as gross_margin
    from {{ ref('int_later_refunds') }}
    where customer_id is not null
    group by customer_id
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
        max(order_date) filter (where is_included) as last_order_date,
        max(sales_channel) filter (where is_included and order_number = 1) as first_sales_channel,
        max(product_category) filter (where is_included and order_number = 1) as first_product_category,
        max(discount_code) filter (where is_included and order_number = 1) as first_discount_code,
        max(campaign_id) filter (where is_included and order_number = 1) as first_campaign_id
    from orders
    group by customer_id
),

as_they_stood as (
    select
        customers.customer_id,
        customers.orders,
        customers.net_sales + coalesce(later_refunds.returns, 0) as net_sales,
        customers.gross_margin + coalesce(later_refunds.gross_margin, 0) as gross_margin,
        customers.repeat_day_net_sales + coalesce(later_refunds.repeat_day_returns, 0) as repeat_day_net_sales,
        customers.repeat_purchase_days,
        customers.first_order_at,
        customers.last_order_at,
        customers.first_order_date,
        customers.last_order_date,
        customers.first_sales_channel,
        customers.first_product_category,
        customers.first_discount_code,
        customers.first_campaign_id
    from customers
    left join later_refunds
        on customers.customer_id = later_refunds.customer_id
)

select * from as_they_stood
