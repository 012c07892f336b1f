{{ config(materialized='increment') }}

-- The customers whom this run counts again; none where everything is built anew.

with customers as (
    select customer_id from {{ ref('int_touched_customers') }}
    union distinct
    select customer_id from {{ ref('int_customers_after_as_of') }}
)

select customer_id
from customers
where {{ 'true' if is_batch() else 'false' }}
