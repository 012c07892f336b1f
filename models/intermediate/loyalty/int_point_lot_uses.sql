-- Each use takes from the lots that exist at its moment: those that can be spent before those that are pending, then
-- first to expire, first earned, id. Like the ledger it does not move with as_of.

with ledger as (
    select
        transactions.loyalty_transaction_id,
        transactions.customer_id,
        transactions.program_id,
        transactions.order_id,
        transactions.transaction_type,
        transactions.signed_points,
        transactions.occurred_at,
        transactions.occurred_date,
        transactions.available_at,
        expiry.expiry_mode = 'computed' as is_lapsing,
        coalesce(
            transactions.expires_at,
            {{ dbt.dateadd('day', 'expiry.points_expire_after_days', 'transactions.occurred_at') }}
        ) as expires_at
    from {{ ref('fct_loyalty_transactions') }} as transactions
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where not (transactions.transaction_type = 'expire' and expiry.expiry_mode = 'computed')
),

-- Lots of the very moment of a use exist already.
numbered as (
    select
        *,
        count(*) filter (where signed_points < 0) over (
            partition by customer_id, program_id
            order by occurred_at, signed_points < 0, loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as uses_to_date
    from ledger
    where signed_points <> 0
),

lots as (
    select
        customer_id,
        program_id,
        loyalty_transaction_id,
        order_id,
        signed_points as points,
        occurred_at as earned_at,
        occurred_date as earned_date,
        available_at,
        expires_at,
        is_lapsing,
        uses_to_date + 1 as first_use_number
    from numbered
    where signed_points > 0
),

uses as (
    select
        customer_id,
        program_id,
        loyalty_transaction_id,
        transaction_type,
        case when transaction_type = 'cancel_earn' then order_id end as cancelled_order_id,
        cast(-signed_points as decimal(18, 4)) as points,
        occurred_at as used_at,
        occurred_date as use_date,
        is_lapsing,
        uses_to_date as use_number
    from numbered
    where signed_points < 0
),

new_lots as (
    select
        customer_id,
        program_id,
        first_use_number,
        {{ list_of_structs({
            'is_endless': 'expires_at is null',
            'expires_at': 'expires_at',
            'earned_at': 'earned_at',
            'lot_id': 'loyalty_transaction_id',
            'available_at': 'available_at',
            'order_id': 'order_id',
            'points': 'points',
        }) }} as lots
    from lots
    group by 1, 2, 3
),

folded as (
    select
        uses.customer_id,
        uses.program_id,
        {{ unnested(fold_lots(list_of_structs({
            'use_number': 'uses.use_number',
            'use_id': 'uses.loyalty_transaction_id',
            'used_at': 'uses.used_at',
            'points': 'uses.points',
            'cancelled_order_id': 'uses.cancelled_order_id',
            'is_lapsing': 'uses.is_lapsing',
            'new_lots': 'new_lots.lots',
        }))) }} as take
    from uses
    left join new_lots
        on
            uses.customer_id = new_lots.customer_id
            and uses.program_id = new_lots.program_id
            and uses.use_number = new_lots.first_use_number
    group by 1, 2
),

takes as (
    select
        take.use_id as use_loyalty_transaction_id,
        take.lot_id as lot_loyalty_transaction_id,
        take.is_cancelled,
        take.points
    from folded
),

takes_by_lot as (
    select
        lot_loyalty_transaction_id,
        sum(points) as points
    from takes
    group by 1
),

takes_by_use as (
    select
        use_loyalty_transaction_id,
        sum(points) as points
    from takes
    group by 1
),

lot_uses as (
    select
        lots.loyalty_transaction_id as lot_loyalty_transaction_id,
        uses.loyalty_transaction_id as use_loyalty_transaction_id,
        case
            when takes.is_cancelled then 'cancelled'
            when uses.transaction_type = 'expire' then 'expired'
            else 'redeemed'
        end as use_type,
        uses.transaction_type,
        uses.customer_id,
        uses.program_id,
        lots.earned_date as lot_earned_date,
        uses.use_date,
        uses.used_at,
        takes.points
    from takes
    inner join lots
        on takes.lot_loyalty_transaction_id = lots.loyalty_transaction_id
    inner join uses
        on takes.use_loyalty_transaction_id = uses.loyalty_transaction_id
    union all
    select
        lots.loyalty_transaction_id as lot_loyalty_transaction_id,
        cast(null as {{ dbt.type_string() }}) as use_loyalty_transaction_id,
        'expired' as use_type,
        'lapse' as transaction_type,
        lots.customer_id,
        lots.program_id,
        lots.earned_date as lot_earned_date,
        {{ to_local_date('lots.expires_at') }} as use_date,
        lots.expires_at as used_at,
        cast(lots.points - coalesce(takes_by_lot.points, 0) as decimal(18, 4)) as points
    from lots
    left join takes_by_lot
        on lots.loyalty_transaction_id = takes_by_lot.lot_loyalty_transaction_id
    where lots.is_lapsing and lots.expires_at is not null and lots.points > coalesce(takes_by_lot.points, 0)
    union all
    select
        cast(null as {{ dbt.type_string() }}) as lot_loyalty_transaction_id,
        uses.loyalty_transaction_id as use_loyalty_transaction_id,
        'uncovered' as use_type,
        uses.transaction_type,
        uses.customer_id,
        uses.program_id,
        cast(null as date) as lot_earned_date,
        uses.use_date,
        uses.used_at,
        cast(uses.points - coalesce(takes_by_use.points, 0) as decimal(18, 4)) as points
    from uses
    left join takes_by_use
        on uses.loyalty_transaction_id = takes_by_use.use_loyalty_transaction_id
    where uses.points > coalesce(takes_by_use.points, 0)
)

select * from lot_uses
