{{ config(materialized='increment') }}

-- What reports gave back of refunds after as_of until this run; no rows where everything is built anew.

-- depends_on: {{ ref('int_touched_customers') }}

{%- if is_batch() %}

select * from {{ as_it_stood('int_later_refunds') }}
{%- else %}

select order_id
from {{ ref('stg_orders') }}
where false
{%- endif %}
