{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_arrived_customers') }}
-- depends_on: {{ ref('int_customer_alias_ends') }}

-- Addresses whose identity is to be found anew: of new guest orders, of customers that arrived (all of their
-- versions, so an address that was given up too) and of accounts that were merged since. NULL may be among them: a
-- condition on the address would reach the raw files and be asked of every old row first.

{%- if is_batch() %}

with emails as (
    select
        lower(email) as email,
        true as has_new_orders
    from {{ ref('stg_orders') }}
    where customer_id is null and {{ is_new('orders') }}
    union all
    select
        lower(email) as email,
        false as has_new_orders
    from {{ ref('int_arrived_customers') }}
    union all
    select
        guests.email,
        false as has_new_orders
    from {{ as_it_stood('int_guest_identities') }} as guests
    inner join {{ ref('int_customer_alias_ends') }} as alias_ends
        on guests.account_customer_id = alias_ends.alias_customer_id
    where alias_ends.changed_batch > {{ this_batch().base_batch }}
),

touched as (
    select
        email,
        bool_or(has_new_orders) as has_new_orders
    from emails
    group by 1
)

select * from touched
{%- else %}

select email
from {{ ref('stg_orders') }}
where false
{%- endif %}
