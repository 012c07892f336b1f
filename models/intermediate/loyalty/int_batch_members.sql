{{ config(materialized='increment') }}

-- Once as_of comes to the first event of a member of the ledger, events alone tell of the membership; where it goes
-- back, the ledger does again.

-- depends_on: {{ ref('int_batch_as_of') }}
-- depends_on: {{ ref('int_membership_events') }}

with customers as (
    select customer_id from {{ ref('int_batch_membership_customers') }}
    union distinct
    select customer_id from {{ ref('int_batch_ledger_customers') }}
    {%- if is_batch() %}
    union distinct
    select events.customer_id
    from {{ ref('int_membership_events') }} as events
    inner join {{ ref('int_batch_as_of') }} as passed
        on
            events.occurred_date > passed.from_date
            and events.occurred_date <= passed.to_date
    where events.event_number = 1
    {%- endif %}
)

select * from customers
