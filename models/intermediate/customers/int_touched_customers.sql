{{ config(materialized='incremental', incremental_strategy='gathered') }}

-- depends_on: {{ ref('int_arrived_customers') }}
-- depends_on: {{ ref('int_customer_aliases') }}
-- depends_on: {{ ref('int_customer_alias_ends') }}
-- depends_on: {{ ref('int_guest_identities') }}
-- depends_on: {{ ref('int_loyalty_transactions_judged') }}
-- depends_on: {{ ref('int_membership_customers') }}
-- depends_on: {{ ref('int_order_identities') }}
-- depends_on: {{ ref('int_orders_judged') }}
-- depends_on: {{ ref('int_touched_loyalty_transactions') }}
-- depends_on: {{ ref('int_touched_orders') }}

-- The customers who have to be counted again: whoever touched orders and points belonged to before or belong to now,
-- accounts with a new row, both ends of a merge, those who became members or are none any more, and those of whom
-- the last run knew more than its as_of.

{%- if is_batch() %}
{%- set base_batch = this_batch().base_batch %}

with identities as (
    select * from {{ ref('int_order_identities') }}
),

aliases as (
    select * from {{ ref('int_customer_aliases') }}
),

orders as (
    select
        customer_id,
        lower(email) as email
    from {{ ref('int_orders_judged') }}
),

changed_aliases as (
    select * from {{ ref('int_customer_alias_ends') }}
    where changed_batch > {{ base_batch }}
),

changed_guests as (
    select * from {{ ref('int_guest_identities') }}
    where changed_batch > {{ base_batch }}
),

touched_transactions as (
    select loyalty_transaction_id from {{ ref('int_touched_loyalty_transactions') }}
),

touched as (
    select customer_id
    from {{ as_it_stood('fct_orders') }}
    where order_id in (select order_id from {{ ref('int_touched_orders') }})
    union distinct
    select coalesce(identities.customer_id, orders.customer_id) as customer_id
    from orders
    left join identities
        on
            (orders.customer_id is null) = identities.is_guest
            and coalesce(orders.customer_id, orders.email) = identities.identity_key
    union distinct
    select alias_customer_id as customer_id from changed_aliases
    union distinct
    select previous_customer_id as customer_id from changed_aliases
    union distinct
    select resolved_customer_id as customer_id from changed_aliases
    union distinct
    select guest_customer_id as customer_id from changed_guests
    union distinct
    select previous_customer_id as customer_id from changed_guests
    union distinct
    select customer_id from changed_guests
    union distinct
    select coalesce(aliases.customer_id, customers.customer_id) as customer_id
    from {{ ref('int_arrived_customers') }} as customers
    left join aliases
        on customers.customer_id = aliases.alias_customer_id
    union distinct
    select customer_id from {{ ref('int_arrived_customers') }}
    union distinct
    select transactions.customer_id
    from {{ as_it_stood('fct_loyalty_transactions') }} as transactions
    inner join touched_transactions
        on transactions.loyalty_transaction_id = touched_transactions.loyalty_transaction_id
    union distinct
    select coalesce(aliases.customer_id, transactions.customer_id) as customer_id
    from {{ ref('int_loyalty_transactions_judged') }} as transactions
    left join aliases
        on transactions.customer_id = aliases.alias_customer_id
    union distinct
    select customer_id
    from {{ ref('int_membership_customers') }}
    where changed_batch > {{ base_batch }}
    union distinct
    select customer_id
    from {{ as_it_stood('int_customers_after_as_of') }}
)

select
    cast({{ this_batch().batch }} as bigint) as batch,
    customer_id
from touched
where customer_id is not null
{%- else %}

select
    cast({{ this_batch().batch }} as bigint) as batch,
    customer_id
from {{ ref('stg_orders') }}
where false
{%- endif %}
