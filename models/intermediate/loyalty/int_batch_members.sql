{{ config(materialized='increment') }}

with customers as (
    select customer_id from {{ ref('int_batch_membership_customers') }}
    union distinct
    select customer_id from {{ ref('int_batch_ledger_customers') }}
)

select * from customers
