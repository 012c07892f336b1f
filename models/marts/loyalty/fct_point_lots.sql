{{ config(materialized='view', meta={'touched': {'customer_id': 'int_batch_lot_customers'}}) }}

-- What happens to a lot does not depend on as_of, but what lapses later has not lapsed yet.

with as_of as (
    select as_of_date from {{ ref('int_as_of').include(database=false) }}
),

lots as (
    select * from {{ ref('int_point_lots').include(database=false) }}
),

lapsed as (
    select
        lots.*,
        case when lots.lapse_date <= as_of.as_of_date then lots.points_lapsing else 0 end as points_lapsed
    from lots
    left join as_of
        on true
),

lots_as_of as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        order_id,
        partner_id,
        transaction_type,
        activity,
        earned_at,
        earned_date,
        available_at,
        expires_at,
        points_earned,
        points_redeemed,
        cast(points_expired + points_lapsed as decimal(18, 4)) as points_expired,
        points_cancelled,
        cast(
            points_earned - points_redeemed - points_expired - points_lapsed - points_cancelled as decimal(18, 4)
        ) as points_remaining
    from lapsed
)

select * from lots_as_of
