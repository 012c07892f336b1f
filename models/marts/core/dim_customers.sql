{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_customers'}}
) }}

with accounts as (
    select * from {{ ref('int_customers') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
),

aliases as (
    select * from {{ ref('int_customer_aliases') }}
),

guests as (
    select distinct customer_id
    from {{ ref('int_guest_identities') }}
    where rule <> 'email'
),

customer_orders as (
    select * from {{ ref('int_customer_orders') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
),

enrolments as (
    select * from {{ ref('int_loyalty_enrolments') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
),

-- Who enrols after as_of, or where there is none for want of an accepted order, is a customer nevertheless.
known_to_programs as (
    select customer_id from {{ ref('int_membership_spells') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
    union distinct
    select customer_id from {{ ref('int_membership_customers') }}
    where
        {{ is_touched('customer_id', ref('int_batch_customers')) }}
        and first_event_date is not null
),

customer_ids as (
    select coalesce(aliases.customer_id, accounts.customer_id) as customer_id
    from {{ ref('int_customers') }} as accounts
    left join aliases
        on accounts.customer_id = aliases.alias_customer_id
    where {{ is_touched(
        'coalesce(aliases.customer_id, accounts.customer_id)', ref('int_batch_customers'), key='customer_id'
    ) }}
    union distinct
    select customer_id from customer_orders
    union distinct
    select customer_id from known_to_programs
),

customers as (
    select
        customer_ids.customer_id,
        case
            when guests.customer_id is not null then substr(customer_ids.customer_id, length('guest:') + 1)
            else {{ keyed_hash('accounts.email') }}
        end as email_hash,
        accounts.country_code,
        accounts.acquisition_channel,
        accounts.acquisition_campaign_id,
        customer_orders.first_sales_channel,
        customer_orders.first_product_category,
        customer_orders.first_discount_code,
        customer_orders.first_campaign_id,
        accounts.email_consent,
        accounts.sms_consent,
        accounts.push_consent,
        guests.customer_id is not null as is_guest,
        accounts.customer_id is null and guests.customer_id is null as is_inferred,
        enrolments.customer_id is not null as is_loyalty_member,
        coalesce(customer_orders.orders, 0) as orders,
        cast(coalesce(customer_orders.net_sales, 0) as decimal(28, 4)) as net_sales,
        accounts.created_at,
        customer_orders.first_order_at,
        customer_orders.last_order_at,
        customer_orders.first_order_date,
        customer_orders.last_order_date,
        {{ period_start_of('month', 'customer_orders.first_order_date') }} as cohort_month
    from customer_ids
    left join accounts
        on customer_ids.customer_id = accounts.customer_id
    left join guests
        on customer_ids.customer_id = guests.customer_id
    left join customer_orders
        on customer_ids.customer_id = customer_orders.customer_id
    left join enrolments
        on customer_ids.customer_id = enrolments.customer_id
)

select * from customers
