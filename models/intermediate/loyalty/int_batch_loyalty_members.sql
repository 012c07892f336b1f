{{ config(materialized='increment') }}

-- Whose membership and points have to be looked at again: customers with touched events, entries or lots, and those of
-- whom time alone tells something else, since as_of has passed a date of theirs; none where everything is built anew.

-- depends_on: {{ ref('fct_loyalty_transactions') }}
-- depends_on: {{ ref('int_batch_as_of') }}
-- depends_on: {{ ref('int_membership_events') }}
-- depends_on: {{ ref('int_point_lot_uses') }}
-- depends_on: {{ ref('int_point_lots') }}

with touched as (
    select customer_id from {{ ref('int_batch_members') }}
    union distinct
    select customer_id from {{ ref('int_batch_lot_customers') }}
),

{%- if is_batch() %}

passed as (
    select * from {{ ref('int_batch_as_of') }}
),

-- The day of an expiry, wherever the shop is, lies within a day of its date in UTC.
passed_expiries as (
    select
        from_date,
        {{ add_days('to_date', 2) }} as to_date
    from passed
    union all
    select
        {{ add_days('from_date', 30) }} as from_date,
        {{ add_days('to_date', 32) }} as to_date
    from passed
),

customers as (
    select customer_id from touched
    union distinct
    select transactions.customer_id
    from {{ ref('fct_loyalty_transactions') }} as transactions
    cross join passed
    where
        (transactions.occurred_date > passed.from_date and transactions.occurred_date <= passed.to_date)
        or (transactions.available_date > passed.from_date and transactions.available_date <= passed.to_date)
    union distinct
    select uses.customer_id
    from {{ ref('int_point_lot_uses') }} as uses
    inner join passed
        on
            uses.use_date > passed.from_date
            and uses.use_date <= passed.to_date
    union distinct
    select lots.customer_id
    from {{ ref('int_point_lots') }} as lots
    inner join passed_expiries
        on
            lots.expires_at > passed_expiries.from_date
            and lots.expires_at < passed_expiries.to_date
    union distinct
    select events.customer_id
    from {{ ref('int_membership_events') }} as events
    inner join passed
        on
            events.occurred_date > passed.from_date
            and events.occurred_date <= passed.to_date
)

select * from customers
{%- else %}

customers as (
    select * from touched
    where false
)

select * from customers
{%- endif %}
