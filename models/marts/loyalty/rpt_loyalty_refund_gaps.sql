{{ config(materialized='view') }}

-- The points of an order should follow its money: refunded in part, that part of the points that it earned
-- is taken back, and of the points that it cost given back. Nobody's programme rounds alike, so
-- differences below one point are none.

with as_of as (
    select as_of_date from {{ ref('int_as_of').include(database=false) }}
),

transactions as (
    select
        transactions.order_id,
        transactions.program_id,
        transactions.customer_id,
        sum(transactions.points) filter (where transactions.transaction_type = 'earn') as points_earned,
        sum(transactions.points) filter (where transactions.transaction_type = 'cancel_earn') as points_cancelled,
        sum(transactions.points) filter (where transactions.transaction_type = 'redeem') as points_redeemed,
        sum(transactions.points) filter (where transactions.transaction_type = 'restore') as points_restored
    from {{ ref('fct_loyalty_transactions').include(database=false) }} as transactions
    cross join as_of
    where
        transactions.order_id is not null
        and transactions.occurred_date <= as_of.as_of_date
    group by 1, 2, 3
),

later_refunds as (
    select
        refunds.order_id,
        sum(refunds.original_refund_amount) as original_returns
    from {{ ref('fct_refunds').include(database=false) }} as refunds
    cross join as_of
    where refunds.refund_date > as_of.as_of_date
    group by 1
),

orders as (
    select
        orders.order_id,
        orders.is_cancelled,
        -- In the currency of the order: converted amounts are rounded one by one, and all of an order may
        -- come to a little more than the order.
        orders.original_gross_sales - orders.original_discounts as refundable_sales,
        orders.original_returns - coalesce(later_refunds.original_returns, 0) as returns
    from {{ ref('fct_orders').include(database=false) }} as orders
    left join later_refunds
        on orders.order_id = later_refunds.order_id
),

refunded as (
    select
        transactions.order_id,
        transactions.program_id,
        transactions.customer_id,
        orders.is_cancelled,
        {{ refunded_share('orders.is_cancelled', 'orders.returns', 'orders.refundable_sales') }} as refunded_share,
        coalesce(transactions.points_earned, 0) as points_earned,
        coalesce(transactions.points_cancelled, 0) as points_cancelled,
        coalesce(transactions.points_redeemed, 0) as points_redeemed,
        coalesce(transactions.points_restored, 0) as points_restored
    from transactions
    inner join orders
        on transactions.order_id = orders.order_id
),

expected as (
    select
        order_id,
        program_id,
        customer_id,
        is_cancelled,
        refunded_share,
        cast(points_earned as decimal(28, 4)) as points_earned,
        cast(points_earned * refunded_share as decimal(28, 4)) as expected_points_cancelled,
        cast(points_cancelled as decimal(28, 4)) as points_cancelled,
        cast(points_redeemed as decimal(28, 4)) as points_redeemed,
        cast(points_redeemed * refunded_share as decimal(28, 4)) as expected_points_restored,
        cast(points_restored as decimal(28, 4)) as points_restored
    from refunded
),

gaps as (
    select
        order_id,
        program_id,
        customer_id,
        is_cancelled,
        refunded_share,
        points_earned,
        expected_points_cancelled,
        points_cancelled,
        cast(points_cancelled - expected_points_cancelled as decimal(28, 4)) as points_cancelled_gap,
        points_redeemed,
        expected_points_restored,
        points_restored,
        cast(points_restored - expected_points_restored as decimal(28, 4)) as points_restored_gap
    from expected
)

select *
from gaps
where abs(points_cancelled_gap) >= 1 or abs(points_restored_gap) >= 1
