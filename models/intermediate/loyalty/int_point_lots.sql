{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_lot_customers'}}
) }}

with ledger as (
    select * from {{ ref('int_batch_lot_entries') }}
    where signed_points > 0
),

expiry as (
    select * from {{ ref('int_program_expiry') }}
),

lot_uses as (
    select
        lot_loyalty_transaction_id,
        sum(points) filter (where use_type = 'redeemed') as points_redeemed,
        sum(points) filter (where use_type = 'cancelled') as points_cancelled,
        sum(points) filter (where use_type = 'expired' and transaction_type = 'expire') as points_expired,
        sum(points) filter (where transaction_type = 'lapse') as points_lapsing,
        min(use_date) filter (where transaction_type = 'lapse') as lapse_date
    from {{ ref('int_point_lot_uses') }}
    where
        lot_loyalty_transaction_id is not null
        and {{ is_touched('customer_id', ref('int_batch_lot_customers')) }}
    group by 1
),

lots as (
    select
        ledger.loyalty_transaction_id,
        ledger.customer_id,
        ledger.program_id,
        ledger.order_id,
        ledger.partner_id,
        ledger.transaction_type,
        ledger.activity,
        ledger.is_purchase,
        ledger.occurred_at as earned_at,
        ledger.occurred_date as earned_date,
        ledger.available_at,
        {{ lot_expires_at('ledger.expires_at', 'ledger.occurred_at', 'expiry.points_expire_after_days') }}
            as expires_at,
        ledger.points as points_earned,
        cast(coalesce(lot_uses.points_redeemed, 0) as decimal(18, 4)) as points_redeemed,
        cast(coalesce(lot_uses.points_expired, 0) as decimal(18, 4)) as points_expired,
        cast(coalesce(lot_uses.points_cancelled, 0) as decimal(18, 4)) as points_cancelled,
        cast(coalesce(lot_uses.points_lapsing, 0) as decimal(18, 4)) as points_lapsing,
        lot_uses.lapse_date
    from ledger
    inner join expiry
        on ledger.program_id = expiry.program_id
    left join lot_uses
        on ledger.loyalty_transaction_id = lot_uses.lot_loyalty_transaction_id
)

select * from lots
