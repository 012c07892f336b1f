{{ config(materialized='increment') }}

-- The tiers of the customers with touched membership events, as they stood before this run; no rows where everything
-- is built anew.

-- depends_on: {{ ref('int_batch_membership_customers') }}

{%- if is_batch() %}

select
    customer_id,
    program_id,
    tier,
    valid_from_date,
    valid_to_date
from {{ as_it_stood('fct_loyalty_tiers') }}
where customer_id in (select customer_id from {{ ref('int_batch_membership_customers') }})
{%- else %}

select customer_id
from {{ ref('int_batch_membership_customers') }}
where false
{%- endif %}
