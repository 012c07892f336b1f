{{ config(materialized='view') }}

-- Every customer id that came in, and whose it is. Guests come in by an address alone, which stands here
-- as the identity that it would make.

with accounts as (
    select * from {{ ref('int_customers').include(database=false) }}
),

alias_ends as (
    select * from {{ ref('int_customer_alias_ends').include(database=false) }}
    where rejection_reasons is null
),

guests as (
    select * from {{ ref('int_guest_identities').include(database=false) }}
),

orders_by_source as (
    select * from {{ ref('int_orders_by_source').include(database=false) }}
),

source_ids as (
    select customer_id as source_customer_id from accounts
    union distinct
    select alias_customer_id as source_customer_id from alias_ends
    union distinct
    select customer_id as source_customer_id from alias_ends
    union distinct
    select source_customer_id from orders_by_source
    where not is_guest
    union distinct
    select source_customer_id from {{ ref('fct_loyalty_transactions').include(database=false) }}
    union distinct
    select source_customer_id from {{ ref('int_loyalty_memberships').include(database=false) }}
),

resolved_ids as (
    select
        source_ids.source_customer_id,
        coalesce(alias_ends.customer_id, source_ids.source_customer_id) as customer_id,
        case
            when alias_ends.alias_customer_id is not null then 'alias'
            when accounts.customer_id is not null then 'account'
            else 'inferred'
        end as rule,
        case
            when alias_ends.customer_id <> alias_ends.named_customer_id
                then concat(
                        'merged into ', alias_ends.named_customer_id,
                        ', which became part of ', alias_ends.customer_id
                    )
            when alias_ends.alias_customer_id is not null then concat('merged into ', alias_ends.customer_id)
            when accounts.customer_id is not null then 'a row of customers'
            else 'no row of customers'
        end as evidence,
        coalesce(orders_by_source.orders, 0) as orders
    from source_ids
    left join alias_ends
        on source_ids.source_customer_id = alias_ends.alias_customer_id
    left join accounts
        on source_ids.source_customer_id = accounts.customer_id
    left join orders_by_source
        on
            source_ids.source_customer_id = orders_by_source.source_customer_id
            and not orders_by_source.is_guest
),

resolved_guests as (
    select
        guests.guest_customer_id as source_customer_id,
        guests.customer_id,
        guests.rule,
        case
            when guests.rule = 'email'
                then concat(
                        'the address of ', cast(guests.accounts as {{ dbt.type_string() }}),
                        ' row(s) of customers, the earliest is ', guests.account_customer_id
                    )
            when guests.rule = 'shared_email'
                then concat(
                        'the address of ', cast(guests.accounts as {{ dbt.type_string() }}),
                        ' row(s) of customers, more than {{ var("max_customers_per_email") }}'
                    )
            else 'the address of no row of customers'
        end as evidence,
        orders_by_source.orders
    from guests
    inner join orders_by_source
        on
            guests.guest_customer_id = orders_by_source.source_customer_id
            and orders_by_source.is_guest
),

resolved as (
    select * from resolved_ids
    union all
    select * from resolved_guests
)

select * from resolved
