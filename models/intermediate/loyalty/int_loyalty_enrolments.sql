-- A member enrols with the first entry of the ledger, whatever the programme.

with transactions as (
    select * from {{ ref('fct_loyalty_transactions') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

enrolments as (
    select
        transactions.customer_id,
        min(transactions.occurred_date) as enrolled_date
    from transactions
    cross join as_of
    where transactions.occurred_date <= as_of.as_of_date
    group by 1
)

select * from enrolments
