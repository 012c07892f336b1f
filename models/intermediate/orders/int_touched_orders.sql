{{ config(materialized='incremental', incremental_strategy='gathered') }}

-- depends_on: {{ ref('int_arrived_customers') }}
-- depends_on: {{ ref('int_arrived_refunds') }}
-- depends_on: {{ ref('int_customer_alias_ends') }}
-- depends_on: {{ ref('int_guest_identities') }}
-- depends_on: {{ ref('int_order_exchange_rates') }}
-- depends_on: {{ ref('stg_order_items') }}

-- The orders that have to be looked at again: with new rows, with new refunds or lines, of a day whose rate
-- has changed, and of customers who are somebody else now or a test.

{%- if is_batch() %}
{%- set base_batch = this_batch().base_batch %}

with refund_versions as (
    select
        refund_id,
        order_id
    from {{ as_it_stood('int_refund_versions') }}
),

changed_rates as (
    select * from {{ ref('int_order_exchange_rates') }}
    where changed_batch > {{ base_batch }}
),

-- A flag may have come, gone, or be that of an account which nobody knew yet.
test_accounts as (
    select customer_id
    from {{ ref('int_arrived_customers') }}
    group by customer_id
    having bool_or(is_test)
),

changed_accounts as (
    select customer_id from test_accounts
    union distinct
    select alias_customer_id as customer_id
    from {{ ref('int_customer_alias_ends') }}
    where changed_batch > {{ base_batch }}
),

changed_customers as (
    select customer_id from test_accounts
    union distinct
    select previous_customer_id as customer_id
    from {{ ref('int_guest_identities') }}
    where changed_batch > {{ base_batch }} and previous_customer_id is not null
),

touched as (
    select order_id
    from {{ ref('stg_orders') }}
    where {{ is_new('orders') }}
    union distinct
    select order_id
    from {{ ref('int_arrived_refunds') }}
    union distinct
    select order_id
    from {{ ref('stg_order_items') }}
    where {{ is_new('order_items') }}
    union distinct
    select orders.order_id
    from {{ as_it_stood('fct_orders') }} as orders
    inner join changed_rates
        on
            orders.currency = changed_rates.currency
            and orders.order_date = changed_rates.order_date
    union distinct
    select order_versions.order_id
    from {{ as_it_stood('int_order_versions') }} as order_versions
    inner join changed_rates
        on
            order_versions.currency = changed_rates.currency
            and order_versions.order_date = changed_rates.order_date
    union distinct
    select orders.order_id
    from {{ as_it_stood('fct_orders') }} as orders
    inner join changed_accounts
        on orders.source_customer_id = changed_accounts.customer_id
    union distinct
    select orders.order_id
    from {{ as_it_stood('fct_orders') }} as orders
    inner join changed_customers
        on orders.customer_id = changed_customers.customer_id
),

-- A refund that has moved to an order which was unknown until now leaves the one that it named before.
left_by_refunds as (
    select other_versions.order_id
    from touched
    inner join refund_versions
        on touched.order_id = refund_versions.order_id
    inner join refund_versions as other_versions
        on refund_versions.refund_id = other_versions.refund_id
),

touched_or_left as (
    select order_id from touched
    union distinct
    select order_id from left_by_refunds
)

select
    cast({{ this_batch().batch }} as bigint) as batch,
    order_id
from touched_or_left
where order_id is not null
{%- else %}

select
    cast({{ this_batch().batch }} as bigint) as batch,
    order_id
from {{ ref('stg_orders') }}
where false
{%- endif %}
