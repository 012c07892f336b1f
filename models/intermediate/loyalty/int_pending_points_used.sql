{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_lot_customers'}}
) }}

-- Points of a lot that are gone before they can be spent are no longer pending: an order is taken back while its points
-- wait. Lots that wait are looked up first, few shops have any.

with pending_lots as (
    select
        loyalty_transaction_id,
        available_date
    from {{ ref('int_batch_lot_entries') }}
    where signed_points > 0 and available_date > occurred_date
),

used_before_available as (
    select
        uses.customer_id,
        uses.program_id,
        uses.use_date,
        pending_lots.available_date,
        sum(uses.points) as points
    from {{ ref('int_point_lot_uses') }} as uses
    inner join pending_lots
        on
            uses.lot_loyalty_transaction_id = pending_lots.loyalty_transaction_id
            and uses.use_date < pending_lots.available_date
    where {{ is_touched('uses.customer_id', ref('int_batch_lot_customers')) }}
    group by 1, 2, 3, 4
)

select
    customer_id,
    program_id,
    cast(points as decimal(28, 4)) as points,
    use_date,
    available_date
from used_before_available
