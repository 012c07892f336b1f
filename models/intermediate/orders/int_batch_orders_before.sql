{{ config(materialized='increment') }}

-- The orders of touched customers, and touched orders without a customer, as they stood before this run, for
-- what has to be taken off the sums of reports; no rows where everything is built anew.

-- depends_on: {{ ref('int_touched_customers') }}
-- depends_on: {{ ref('int_touched_orders') }}

{%- if is_batch() %}

with orders as (
    select *
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
