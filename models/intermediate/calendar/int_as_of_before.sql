{{ config(materialized='increment') }}

-- The as_of that the sums of reports are as of, until this run changes them; no row where everything is built anew.

-- depends_on: {{ ref('int_touched_customers') }}

{%- if is_batch() %}

select as_of_date from {{ as_it_stood('int_as_of') }}
{%- else %}

select ordered_at as as_of_date
from {{ ref('stg_orders') }}
where false
{%- endif %}
