{{ config(materialized='increment') }}

-- The orders of touched customers, and touched orders without a customer, as they stood before this run, for
-- what has to be taken off the sums of reports; no rows where everything is built anew.

-- depends_on: {{ ref('int_touched_customers') }}
-- depends_on: {{ ref('int_touched_orders') }}

{%- if is_batch() %}

with orders as (
    select
        order_id,
        customer_id,
        source_customer_id,
        guest_customer_id,
        sales_channel,
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
        previous_order_at
    from {{ as_it_stood('fct_orders') }}
    where
        customer_id in (select customer_id from {{ ref('int_touched_customers') }})
        or (
            customer_id is null
            and order_id in (select order_id from {{ ref('int_touched_orders') }})
        )
)

select * from orders
{%- else %}

select order_id
from {{ ref('stg_orders') }}
where false
{%- endif %}
