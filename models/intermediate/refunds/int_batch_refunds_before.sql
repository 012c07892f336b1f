{{ config(materialized='increment') }}

-- Refunds of touched customers as they stood before this run, for what has to be taken off the sums of reports; no
-- rows where everything is built anew.

-- depends_on: {{ ref('int_touched_customers') }}

{%- if is_batch() %}

select
    customer_id,
    refund_amount,
    is_counted,
    order_date,
    refund_date,
    posted_date
from {{ as_it_stood('fct_refunds') }}
where customer_id in (select customer_id from {{ ref('int_touched_customers') }})
{%- else %}

select order_id
from {{ ref('stg_orders') }}
where false
{%- endif %}
