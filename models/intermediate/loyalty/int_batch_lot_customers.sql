{{ config(materialized='increment') }}

-- Whose lots have to be followed again: customers with touched entries, and all members of programmes whose points
-- expire in another way than before; none where everything is built anew.

-- depends_on: {{ ref('int_program_expiry') }}
-- depends_on: {{ ref('fct_loyalty_transactions') }}

with customers as (
    select customer_id from {{ ref('int_batch_ledger_customers') }}
    {%- if is_batch() %}
    union distinct
    select transactions.customer_id
    from {{ ref('fct_loyalty_transactions') }} as transactions
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where expiry.changed_batch > {{ this_batch().base_batch }}
    {%- endif %}
)

select * from customers
