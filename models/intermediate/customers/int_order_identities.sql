-- Only what an order cannot tell from its own row: most orders find nothing here and keep their customer_id.

with aliases as (
    select * from {{ ref('int_customer_aliases') }}
),

guests as (
    select * from {{ ref('int_guest_identities') }}
),

test_accounts as (
    select customer_id
    from {{ ref('int_customers') }}
    where is_test
),

keys as (
    select
        false as is_guest,
        alias_customer_id as identity_key,
        alias_customer_id as account_customer_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as guest_customer_id,
        false as is_test
    from aliases
    union all
    select
        false as is_guest,
        test_accounts.customer_id as identity_key,
        test_accounts.customer_id as account_customer_id,
        test_accounts.customer_id,
        cast(null as {{ dbt.type_string() }}) as guest_customer_id,
        true as is_test
    from test_accounts
    left join aliases
        on test_accounts.customer_id = aliases.alias_customer_id
    where aliases.alias_customer_id is null
    union all
    select
        true as is_guest,
        email as identity_key,
        cast(null as {{ dbt.type_string() }}) as account_customer_id,
        customer_id,
        guest_customer_id,
        is_test_account as is_test
    from guests
),

identities as (
    select
        keys.is_guest,
        keys.identity_key,
        keys.customer_id,
        keys.guest_customer_id,
        keys.is_test or came_with.customer_id is not null or resolved_to.customer_id is not null as is_test
    from keys
    left join test_accounts as came_with
        on keys.account_customer_id = came_with.customer_id
    left join test_accounts as resolved_to
        on keys.customer_id = resolved_to.customer_id
)

select * from identities
