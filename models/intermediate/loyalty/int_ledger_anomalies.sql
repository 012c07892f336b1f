{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_lot_customers'}}
) }}

-- Of all entries, whatever as_of: what is wrong with them does not move with it. Each reason looks for the few entries
-- that it may be about: joining all that can be wrong to every entry costs eight times as much.

with expiry as (
    select * from {{ ref('int_program_expiry') }}
),

taking_too_much as (
    select
        use_loyalty_transaction_id as loyalty_transaction_id,
        case transaction_type
            when 'redeem' then 'redeems_more_than_balance'
            when 'expire' then 'expires_more_than_balance'
            when 'cancel_earn' then 'cancels_more_than_balance'
            else 'adjusts_below_zero'
        end as reason,
        points as points_uncovered
    from {{ ref('int_point_lot_uses') }}
    where
        use_type = 'uncovered'
        and {{ is_touched('customer_id', ref('int_batch_lot_customers')) }}
),

-- Where sums along the line of lots tell who took what, nobody took what was pending but with its own order, which is
-- what pending points are for.
spending_pending_points as (
    select distinct lot_uses.use_loyalty_transaction_id as loyalty_transaction_id
    from {{ ref('int_point_lot_uses') }} as lot_uses
    inner join {{ ref('int_batch_lot_entries') }} as lots
        on lot_uses.lot_loyalty_transaction_id = lots.loyalty_transaction_id
    where
        lots.signed_points > 0
        and lot_uses.lot_order = 'folded'
        and lot_uses.use_type <> 'cancelled'
        and lot_uses.use_loyalty_transaction_id is not null
        and lots.available_at > lot_uses.used_at
),

expiring_before_due as (
    select distinct lot_uses.use_loyalty_transaction_id as loyalty_transaction_id
    from {{ ref('int_point_lot_uses') }} as lot_uses
    inner join {{ ref('int_batch_lot_entries') }} as lots
        on lot_uses.lot_loyalty_transaction_id = lots.loyalty_transaction_id
    inner join expiry
        on lots.program_id = expiry.program_id
    where
        lots.signed_points > 0
        and lot_uses.use_type = 'expired'
        and lot_uses.use_loyalty_transaction_id is not null
        and coalesce(
            {{ lot_expires_at('lots.expires_at', 'lots.occurred_at', 'expiry.points_expire_after_days') }}
            > lot_uses.used_at,
            true
        )
),

expiring_what_lapses as (
    select entries.loyalty_transaction_id
    from {{ ref('int_batch_lot_entries') }} as entries
    inner join expiry
        on entries.program_id = expiry.program_id
    where not {{ is_entry_used('entries.transaction_type', 'expiry.expiry_mode') }}
),

cancelling as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        order_id,
        occurred_at
    from {{ ref('int_batch_lot_entries') }}
    where transaction_type = 'cancel_earn' and order_id is not null
),

cancelling_known_orders as (
    select distinct cancelling.loyalty_transaction_id
    from cancelling
    inner join {{ ref('int_batch_lot_entries') }} as lots
        on
            cancelling.customer_id = lots.customer_id
            and cancelling.program_id = lots.program_id
            and cancelling.order_id = lots.order_id
            and cancelling.occurred_at >= lots.occurred_at
    where lots.signed_points > 0
),

cancelling_unknown_orders as (
    select cancelling.loyalty_transaction_id
    from cancelling
    where
        cancelling.loyalty_transaction_id not in (
            select cancelling_known_orders.loyalty_transaction_id from cancelling_known_orders
        )
),

found as (
    select * from taking_too_much
    {%- for reason, entries in {
        'spends_pending_points': 'spending_pending_points',
        'expires_before_due': 'expiring_before_due',
        'posted_expiry_not_used': 'expiring_what_lapses',
        'cancels_unknown_order': 'cancelling_unknown_orders',
    }.items() %}
    union all
    select
        loyalty_transaction_id,
        '{{ reason }}' as reason,
        0 as points_uncovered
    from {{ entries }}
    {%- endfor %}
),

-- The IN beside an OR always hashes the few that were found: nobody knows beforehand that they are few.
entries as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        transaction_type,
        points,
        occurred_date,
        occurred_at
    from {{ ref('int_batch_lot_entries') }}
    where
        loyalty_transaction_id in (select found.loyalty_transaction_id from found)
        or loyalty_transaction_id is null
),

anomalies as (
    select
        entries.*,
        found.reason as anomaly,
        cast(found.points_uncovered as decimal(18, 4)) as points_uncovered
    from entries
    inner join found
        on entries.loyalty_transaction_id = found.loyalty_transaction_id
)

select * from anomalies
