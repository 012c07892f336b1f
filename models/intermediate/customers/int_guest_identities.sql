{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'email': 'int_touched_emails'}}
) }}

-- depends_on: {{ ref('int_touched_emails') }}

-- Who ordered without signing in. An address leads to an account only where few enough accounts hold it:
-- merging by an address that a household or an office shares would make one loyal customer of many.

with guest_emails as (
    {%- if is_batch() %}
    select touched_emails.email
    from {{ ref('int_touched_emails') }} as touched_emails
    left join {{ this }} as guests
        on touched_emails.email = guests.email
    where
        touched_emails.email is not null
        and (touched_emails.has_new_orders or guests.email is not null)
    {%- else %}
    select distinct lower(email) as email
    from {{ ref('stg_orders') }}
    where
        customer_id is null
        and email is not null
    {%- endif %}
),

accounts as (
    select
        customers.email,
        customers.customer_id,
        customers.is_test,
        row_number() over (
            partition by customers.email
            order by customers.created_at asc nulls last, customers.customer_id asc
        ) as account_number,
        count(*) over (partition by customers.email) as accounts
    from {{ ref('int_customers') }} as customers
    inner join guest_emails
        on customers.email = guest_emails.email
),

earliest_accounts as (
    select * from accounts
    where account_number = 1
),

aliases as (
    select * from {{ ref('int_customer_aliases') }}
),

hashed as (
    select
        guest_emails.email,
        concat('guest:', {{ keyed_hash('guest_emails.email') }}) as guest_customer_id,
        earliest_accounts.customer_id as account_customer_id,
        coalesce(earliest_accounts.is_test, false) as is_test_account,
        coalesce(earliest_accounts.accounts, 0) as accounts,
        coalesce(earliest_accounts.accounts, 0) between 1 and {{ var('max_customers_per_email') }} as is_account
    from guest_emails
    left join earliest_accounts
        on guest_emails.email = earliest_accounts.email
),

identified as (
    select
        hashed.email,
        hashed.guest_customer_id,
        case
            when hashed.is_account then coalesce(aliases.customer_id, hashed.account_customer_id)
            else hashed.guest_customer_id
        end as customer_id,
        case
            when hashed.is_account then 'email'
            when hashed.accounts > 0 then 'shared_email'
            else 'guest'
        end as rule,
        hashed.account_customer_id,
        hashed.accounts,
        hashed.is_account and hashed.is_test_account as is_test_account
    from hashed
    left join aliases
        on hashed.account_customer_id = aliases.alias_customer_id
),

marked as (
    {%- if is_batch() %}
    select
        identified.*,
        case
            when before.changed_batch > {{ this_batch().base_batch }} then before.previous_customer_id
            else before.customer_id
        end as previous_customer_id,
        cast(case
            when before.customer_id = identified.customer_id and before.is_test_account = identified.is_test_account
                then before.changed_batch
            else {{ this_batch().batch }}
        end as bigint) as changed_batch
    from identified
    left join {{ this }} as before
        on identified.email = before.email
    {%- else %}
    select
        *,
        cast(null as {{ dbt.type_string() }}) as previous_customer_id,
        cast({{ this_batch().batch }} as bigint) as changed_batch
    from identified
    {%- endif %}
)

select * from marked
