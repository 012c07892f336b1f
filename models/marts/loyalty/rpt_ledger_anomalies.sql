-- What an engine should not have posted. Nothing is dropped or mended for it.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

transactions as (
    select
        transactions.*,
        as_of.as_of_date
    from {{ ref('fct_loyalty_transactions') }} as transactions
    inner join as_of
        on transactions.occurred_date <= as_of.as_of_date
),

expiry as (
    select * from {{ ref('int_program_expiry') }}
),

lots as (
    select * from {{ ref('int_point_lots') }}
),

lot_uses as (
    select * from {{ ref('int_point_lot_uses') }}
    where use_loyalty_transaction_id is not null
),

-- Taking an order's own points back before they can be spent is what pending points are for.
takes as (
    select
        lot_uses.use_loyalty_transaction_id,
        case when lot_uses.use_type = 'uncovered' then lot_uses.points else 0 end as points_uncovered,
        lot_uses.use_type <> 'cancelled'
        and coalesce(lots.available_at > lot_uses.used_at, false) as is_of_pending_points,
        lot_uses.use_type = 'expired' and coalesce(lots.expires_at > lot_uses.used_at, true) as is_before_due
    from lot_uses
    left join lots
        on lot_uses.lot_loyalty_transaction_id = lots.loyalty_transaction_id
),

taken as (
    select
        use_loyalty_transaction_id as loyalty_transaction_id,
        sum(points_uncovered) as points_uncovered,
        bool_or(is_of_pending_points) as is_of_pending_points,
        bool_or(is_before_due) as is_before_due
    from takes
    where points_uncovered > 0 or is_of_pending_points or is_before_due
    group by 1
),

-- What is left of a lot on as_of does not know of uses after it.
points_taken_by_as_of as (
    select
        lot_uses.lot_loyalty_transaction_id as loyalty_transaction_id,
        sum(lot_uses.points) as points
    from lot_uses
    inner join as_of
        on lot_uses.use_date <= as_of.as_of_date
    where lot_uses.lot_loyalty_transaction_id is not null
    group by 1
),

not_posted as (
    select lots.loyalty_transaction_id
    from lots
    inner join expiry
        on lots.program_id = expiry.program_id
    inner join as_of
        on {{ to_local_date('lots.expires_at') }} < as_of.as_of_date
    left join points_taken_by_as_of
        on lots.loyalty_transaction_id = points_taken_by_as_of.loyalty_transaction_id
    where expiry.expiry_mode = 'posted' and lots.points_earned > coalesce(points_taken_by_as_of.points, 0)
),

order_lots as (
    select
        customer_id,
        program_id,
        order_id,
        min(earned_at) as earned_at
    from lots
    where order_id is not null
    group by 1, 2, 3
),

unknown_orders as (
    select transactions.loyalty_transaction_id
    from transactions
    left join order_lots
        on
            transactions.customer_id = order_lots.customer_id
            and transactions.program_id = order_lots.program_id
            and transactions.order_id = order_lots.order_id
            and transactions.occurred_at >= order_lots.earned_at
    where
        transactions.transaction_type = 'cancel_earn'
        and transactions.order_id is not null
        and order_lots.order_id is null
),

found as (
    select
        transactions.loyalty_transaction_id,
        transactions.customer_id,
        transactions.program_id,
        transactions.transaction_type,
        transactions.points,
        transactions.occurred_at,
        coalesce(taken.points_uncovered, 0) as points_uncovered,
        {{ rejection_reasons('cast(null as ' ~ dbt.type_string() ~ ')', {
            'redeems_more_than_balance': "transactions.transaction_type = 'redeem' and taken.points_uncovered > 0",
            'expires_more_than_balance': "transactions.transaction_type = 'expire' and taken.points_uncovered > 0",
            'cancels_more_than_balance': "transactions.transaction_type = 'cancel_earn' and taken.points_uncovered > 0",
            'adjusts_below_zero': "transactions.transaction_type = 'adjust' and taken.points_uncovered > 0",
            'spends_pending_points': 'taken.is_of_pending_points',
            'expires_before_due': 'taken.is_before_due',
            'expiry_not_posted': 'not_posted.loyalty_transaction_id is not null',
            'posted_expiry_not_used': "transactions.transaction_type = 'expire' and expiry.expiry_mode = 'computed'",
            'cancels_unknown_order': 'unknown_orders.loyalty_transaction_id is not null',
        }) }} as anomalies
    from transactions
    inner join expiry
        on transactions.program_id = expiry.program_id
    left join taken
        on transactions.loyalty_transaction_id = taken.loyalty_transaction_id
    left join not_posted
        on transactions.loyalty_transaction_id = not_posted.loyalty_transaction_id
    left join unknown_orders
        on transactions.loyalty_transaction_id = unknown_orders.loyalty_transaction_id
),

anomalies as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        transaction_type,
        points,
        occurred_at,
        anomalies,
        cast(points_uncovered as decimal(18, 4)) as points_uncovered
    from found
    where anomalies is not null
)

select * from anomalies
