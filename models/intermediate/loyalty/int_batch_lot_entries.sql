{{ config(materialized='increment') }}

-- The ledger of the customers whose lots are followed again, looked up once for all who follow them; the whole ledger
-- where everything is built anew.

with entries as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        order_id,
        partner_id,
        transaction_type,
        activity,
        transaction_type = 'earn' and activity = 'purchase' as is_purchase,
        points,
        signed_points,
        reward_cost,
        occurred_date,
        available_date,
        occurred_at,
        available_at,
        expires_at
    from {{ ref('fct_loyalty_transactions') }}
    where {{ is_touched('customer_id', ref('int_batch_lot_customers')) }}
)

select * from entries
