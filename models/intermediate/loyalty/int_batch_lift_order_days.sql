{{ config(materialized='increment') }}

-- The order days of those whose orders or memberships this run touched, of days after as_of too: several models read
-- them, and they are found once.

select
    customer_id,
    order_date,
    orders,
    net_sales
from {{ ref('int_customer_order_days') }}
where {{ is_touched('customer_id', ref('int_batch_lift_customers')) }}
