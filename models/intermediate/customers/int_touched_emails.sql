{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_arrived_customers') }}
-- depends_on: {{ ref('int_customer_alias_ends') }}

-- Addresses whose identity is to be found anew: of new guest orders, of customers that arrived (all of their
-- versions, so an address that was given up too) and of accounts that were merged since.

with touched as (
    {%- if is_batch() %}
    select lower(email) as email
    from {{ ref('stg_orders') }}
    where customer_id is null and {{ is_new('orders') }}
    union distinct
    select lower(email) as email
    from {{ ref('int_arrived_customers') }}
    union distinct
    select guests.email
    from {{ as_it_stood('int_guest_identities') }} as guests
    inner join {{ ref('int_customer_alias_ends') }} as alias_ends
        on guests.account_customer_id = alias_ends.alias_customer_id
    where alias_ends.changed_batch > {{ this_batch().base_batch }}
    {%- else %}
    select email
    from {{ ref('stg_orders') }}
    where false
    {%- endif %}
)

select email
from touched
where email is not null
