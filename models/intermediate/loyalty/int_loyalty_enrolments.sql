{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_customers'}}
) }}

-- A member enrols with the first entry of the ledger or the first membership event, whatever the programme. Spells know
-- the first entries, and are a tenth of the ledger.

-- depends_on: {{ ref('int_batch_enrolments_before') }}

with loyalty_days as (
    select
        customer_id,
        first_entry_date as occurred_date
    from {{ ref('int_membership_spells') }}
    where
        {{ is_touched('customer_id', ref('int_batch_customers')) }}
        and first_entry_date is not null
    union all
    select
        customer_id,
        first_event_date as occurred_date
    from {{ ref('int_membership_customers') }}
    where
        {{ is_touched('customer_id', ref('int_batch_customers')) }}
        and first_event_date is not null
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

enrolments as (
    select
        loyalty_days.customer_id,
        min(loyalty_days.occurred_date) as enrolled_date
    from loyalty_days
    cross join as_of
    where loyalty_days.occurred_date <= as_of.as_of_date
    group by 1
)

select * from enrolments
