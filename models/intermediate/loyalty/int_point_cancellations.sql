{{ config(materialized='increment', meta={'is_table': true}) }}

-- An order that is taken back makes its own lots shorter, from the beginning, those that it earned before redemptions
-- that it gave back, and the entries that do so follow each other along them. Whether nobody had come to these points
-- before is for the reader to see.

with cancellations as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        order_id,
        points,
        occurred_at,
        occurred_date,
        sum(points) over (
            partition by customer_id, program_id, order_id
            order by occurred_at, loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as points_to_date
    from {{ ref('int_batch_lot_entries') }}
    where
        transaction_type = 'cancel_earn'
        and order_id is not null
        and points > 0
),

cancelled_orders as (
    select
        customer_id,
        program_id,
        order_id,
        sum(points) as points,
        min(occurred_at) as first_cancelled_at,
        max(occurred_at) as last_cancelled_at
    from cancellations
    group by 1, 2, 3
),

lots as (
    select
        transactions.loyalty_transaction_id,
        transactions.customer_id,
        transactions.program_id,
        transactions.order_id,
        transactions.transaction_type,
        transactions.is_purchase,
        transactions.signed_points as points,
        transactions.occurred_at,
        transactions.occurred_date,
        {{ lot_expires_at('transactions.expires_at', 'transactions.occurred_at', 'expiry.points_expire_after_days') }}
            as expires_at,
        expiry.expiry_mode = 'computed' as is_lapsing,
        cancelled_orders.points as order_points_cancelled,
        cancelled_orders.first_cancelled_at,
        cancelled_orders.last_cancelled_at
    from {{ ref('int_batch_lot_entries') }} as transactions
    inner join cancelled_orders
        on
            transactions.customer_id = cancelled_orders.customer_id
            and transactions.program_id = cancelled_orders.program_id
            and transactions.order_id = cancelled_orders.order_id
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where transactions.signed_points > 0
),

lots_in_order as (
    select
        *,
        sum(points) over (
            partition by customer_id, program_id, order_id
            order by transaction_type <> 'earn', expires_at nulls last, occurred_at, loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as points_to_date
    from lots
),

-- All lots are there when the order is taken back, and have the points.
orders as (
    select
        customer_id,
        program_id,
        order_id,
        bool_and(
            occurred_at <= first_cancelled_at
            and (not is_lapsing or expires_at is null or expires_at > last_cancelled_at)
        )
        and sum(points) >= max(order_points_cancelled) as is_shortened
    from lots
    group by 1, 2, 3
),

cancelled_points as (
    select
        lots.loyalty_transaction_id as lot_loyalty_transaction_id,
        cancellations.loyalty_transaction_id as use_loyalty_transaction_id,
        lots.customer_id,
        lots.program_id,
        lots.order_id,
        lots.is_purchase as lot_is_purchase,
        lots.occurred_date as lot_earned_date,
        cancellations.occurred_date as use_date,
        cancellations.occurred_at as used_at,
        cast(greatest(
            0,
            least(cancellations.points_to_date, lots.points_to_date)
            - greatest(cancellations.points_to_date - cancellations.points, lots.points_to_date - lots.points)
        ) as decimal(18, 4)) as points,
        orders.is_shortened
    from lots_in_order as lots
    inner join orders
        on
            lots.customer_id = orders.customer_id
            and lots.program_id = orders.program_id
            and lots.order_id = orders.order_id
    inner join cancellations
        on
            lots.customer_id = cancellations.customer_id
            and lots.program_id = cancellations.program_id
            and lots.order_id = cancellations.order_id
)

select * from cancelled_points
