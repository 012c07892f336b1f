{{ config(materialized='increment') }}

-- The order days, after as_of too, of those whose orders or memberships this run touched: more customers than
-- int_batch_order_days_before has, since tiers and the lift move with memberships alone. Found once for all who
-- read them.

select
    customer_id,
    order_date,
    orders,
    net_sales
from {{ ref('int_customer_order_days') }}
where {{ is_touched('customer_id', ref('int_batch_lift_customers')) }}
