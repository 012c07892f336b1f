{{ config(materialized='increment') }}

-- int_customer_order_days of the customers whom this run counts again, as it stood; no rows where everything is
-- built anew.

-- depends_on: {{ ref('int_batch_customers') }}

{%- if is_batch() %}

select *
from {{ as_it_stood('int_customer_order_days') }}
where customer_id in (select customer_id from {{ ref('int_batch_customers') }})
{%- else %}

select order_id
from {{ ref('stg_orders') }}
where false
{%- endif %}
