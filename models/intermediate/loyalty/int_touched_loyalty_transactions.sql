{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_customer_alias_ends') }}
-- depends_on: {{ ref('int_loyalty_programs') }}

-- The ledger's entries that have to be looked at again: with new rows, of accounts that were merged, and of
-- programmes whose type or value of a point has changed.

with touched as (
    {%- if is_batch() %}
    select loyalty_transaction_id
    from {{ ref('stg_loyalty_transactions') }}
    where {{ is_new('loyalty_transactions') }}
    union distinct
    select transactions.loyalty_transaction_id
    from {{ as_it_stood('fct_loyalty_transactions') }} as transactions
    inner join {{ ref('int_customer_alias_ends') }} as alias_ends
        on transactions.source_customer_id = alias_ends.alias_customer_id
    where alias_ends.changed_batch > {{ this_batch().base_batch }}
    union distinct
    select transactions.loyalty_transaction_id
    from {{ as_it_stood('fct_loyalty_transactions') }} as transactions
    inner join {{ ref('int_loyalty_programs') }} as programs
        on transactions.program_id = programs.program_id
    where programs.changed_batch > {{ this_batch().base_batch }}
    union distinct
    select versions.loyalty_transaction_id
    from {{ as_it_stood('int_loyalty_transaction_versions') }} as versions
    inner join {{ ref('int_loyalty_programs') }} as programs
        on versions.program_id = programs.program_id
    where programs.changed_batch > {{ this_batch().base_batch }}
    {%- else %}
    select loyalty_transaction_id
    from {{ ref('stg_loyalty_transactions') }}
    where false
    {%- endif %}
)

select loyalty_transaction_id
from touched
where loyalty_transaction_id is not null
