-- A member enrols with the first entry of the ledger or the first membership event, whatever the programme.

with loyalty_days as (
    select
        customer_id,
        occurred_date
    from {{ ref('fct_loyalty_transactions') }}
    union all
    select
        customer_id,
        first_event_date as occurred_date
    from {{ ref('int_membership_customers') }}
    where first_event_date is not null
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
