{{ config(materialized='increment') }}

-- The ledger of the customers with touched entries, as it stood before this run; no rows where everything is
-- built anew.

-- depends_on: {{ ref('int_batch_ledger_customers') }}

{%- if is_batch() %}

select
    customer_id,
    program_id,
    transaction_type,
    points,
    signed_points,
    reward_cost,
    occurred_date,
    available_date
from {{ as_it_stood('fct_loyalty_transactions') }}
where customer_id in (select customer_id from {{ ref('int_batch_ledger_customers') }})
{%- else %}

select customer_id
from {{ ref('int_batch_ledger_customers') }}
where false
{%- endif %}
