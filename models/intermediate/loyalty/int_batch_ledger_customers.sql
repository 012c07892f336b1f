{{ config(materialized='increment') }}

-- Whose points touched entries of the ledger were and are; none where everything is built anew.

-- depends_on: {{ ref('int_customer_aliases') }}
-- depends_on: {{ ref('int_loyalty_transactions_judged') }}

{%- if is_batch() %}

with touched_transactions as (
    select loyalty_transaction_id from {{ ref('int_touched_loyalty_transactions') }}
),

customers as (
    select transactions.customer_id
    from {{ as_it_stood('fct_loyalty_transactions') }} as transactions
    inner join touched_transactions
        on transactions.loyalty_transaction_id = touched_transactions.loyalty_transaction_id
    union distinct
    select coalesce(aliases.customer_id, transactions.customer_id) as customer_id
    from {{ ref('int_loyalty_transactions_judged') }} as transactions
    left join {{ ref('int_customer_aliases') }} as aliases
        on transactions.customer_id = aliases.alias_customer_id
)

select customer_id
from customers
where customer_id is not null
{%- else %}

select loyalty_transaction_id as customer_id
from {{ ref('int_touched_loyalty_transactions') }}
where false
{%- endif %}
