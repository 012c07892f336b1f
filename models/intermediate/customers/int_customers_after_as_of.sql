{{ config(materialized='incremental', incremental_strategy='gathered', meta={'keeps_base': true}) }}

-- Customers of whom the facts know more than reports as of as_of may: with an order, a refund or an entry of
-- the ledger after it, or who become members after it. They are counted again in this run and, when as_of moves
-- on, in the next. All who are in the ledger or joined, where there is no as_of yet.

with as_of as (
    select max(as_of_date) as as_of_date
    from {{ ref('int_as_of') }}
),

customers as (
    select orders.customer_id
    from {{ ref('fct_orders') }} as orders
    cross join as_of
    where orders.order_date > as_of.as_of_date
    union distinct
    select refunds.customer_id
    from {{ ref('fct_refunds') }} as refunds
    cross join as_of
    where refunds.refund_date > as_of.as_of_date
    union distinct
    select transactions.customer_id
    from {{ ref('fct_loyalty_transactions') }} as transactions
    cross join as_of
    where as_of.as_of_date is null or transactions.occurred_date > as_of.as_of_date
    union distinct
    select members.customer_id
    from {{ ref('int_membership_customers') }} as members
    cross join as_of
    where as_of.as_of_date is null or members.first_event_date > as_of.as_of_date
)

select
    cast({{ this_batch().batch }} as bigint) as batch,
    customer_id
from customers
where customer_id is not null
