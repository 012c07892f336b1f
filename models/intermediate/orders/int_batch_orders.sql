{{ config(materialized='increment') }}

-- The orders of the customers whom this run counts again, and touched orders without a customer, as they are now.

-- depends_on: {{ ref('int_batch_customers') }}
-- depends_on: {{ ref('int_touched_orders') }}

with orders as (
    select
        order_id,
        customer_id,
        source_customer_id,
        guest_customer_id,
        campaign_id,
        sales_channel,
        product_category,
        discount_code,
        gross_sales,
        discounts,
        returns,
        net_sales,
        total_sales,
        gross_margin,
        order_number,
        is_counted,
        is_cancelled,
        is_test,
        order_date,
        customer_first_order_date,
        previous_order_date,
        ordered_at
    from {{ ref('fct_orders') }}
    {%- if is_batch() %}
    where
        customer_id in (select customer_id from {{ ref('int_batch_customers') }})
        or (
            customer_id is null
            and order_id in (select order_id from {{ ref('int_touched_orders') }})
        )
    {%- endif %}
)

select * from orders
