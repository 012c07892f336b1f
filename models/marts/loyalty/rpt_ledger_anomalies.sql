-- What an engine should not have posted. Nothing is dropped or mended for it. Each reason looks for the few entries
-- that it may be about: joining all that can be wrong to every entry costs eight times as much.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

expiry as (
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
    where use_type = 'uncovered'
),

-- Where sums along the line of lots tell who took what, nobody took what was pending but with its own order, which is
-- what pending points are for.
spending_pending_points as (
    select distinct lot_uses.use_loyalty_transaction_id as loyalty_transaction_id
    from {{ ref('int_point_lot_uses') }} as lot_uses
    inner join {{ ref('int_point_lots') }} as lots
        on lot_uses.lot_loyalty_transaction_id = lots.loyalty_transaction_id
    where
        lot_uses.lot_order = 'folded'
        and lot_uses.use_type <> 'cancelled'
        and lot_uses.use_loyalty_transaction_id is not null
        and lots.available_at > lot_uses.used_at
),

expiring_before_due as (
    select distinct lot_uses.use_loyalty_transaction_id as loyalty_transaction_id
    from {{ ref('int_point_lot_uses') }} as lot_uses
    inner join {{ ref('int_point_lots') }} as lots
        on lot_uses.lot_loyalty_transaction_id = lots.loyalty_transaction_id
    where
        lot_uses.use_type = 'expired'
        and lot_uses.use_loyalty_transaction_id is not null
        and coalesce(lots.expires_at > lot_uses.used_at, true)
),

lots_used_later as (
    select distinct lot_uses.lot_loyalty_transaction_id as loyalty_transaction_id
    from {{ ref('int_point_lot_uses') }} as lot_uses
    inner join as_of
        on lot_uses.use_date > as_of.as_of_date
    where lot_uses.lot_loyalty_transaction_id is not null and lot_uses.use_loyalty_transaction_id is not null
),

-- What is left of a lot on as_of does not know of uses after it.
not_expired as (
    select lots.loyalty_transaction_id
    from {{ ref('int_point_lots') }} as lots
    inner join expiry
        on lots.program_id = expiry.program_id
    inner join as_of
        on {{ to_local_date('lots.expires_at') }} < as_of.as_of_date
    where
        expiry.expiry_mode = 'posted'
        and (
            lots.points_earned > lots.points_redeemed + lots.points_expired + lots.points_cancelled
            or lots.loyalty_transaction_id in (select lots_used_later.loyalty_transaction_id from lots_used_later)
        )
),

expiring_what_lapses as (
    select transactions.loyalty_transaction_id
    from {{ ref('fct_loyalty_transactions') }} as transactions
    inner join expiry
        on transactions.program_id = expiry.program_id
    where transactions.transaction_type = 'expire' and expiry.expiry_mode = 'computed'
),

cancelling as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        order_id,
        occurred_at
    from {{ ref('fct_loyalty_transactions') }}
    where transaction_type = 'cancel_earn' and order_id is not null
),

cancelling_known_orders as (
    select distinct cancelling.loyalty_transaction_id
    from cancelling
    inner join {{ ref('int_point_lots') }} as lots
        on
            cancelling.customer_id = lots.customer_id
            and cancelling.program_id = lots.program_id
            and cancelling.order_id = lots.order_id
            and cancelling.occurred_at >= lots.earned_at
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
        'expiry_not_posted': 'not_expired',
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

found_of_entries as (
    select
        loyalty_transaction_id,
        {{ dbt.listagg('reason', "','", 'order by reason') }} as anomalies,
        sum(points_uncovered) as points_uncovered
    from found
    group by 1
),

-- The IN beside an OR always hashes the few that were found: nobody knows beforehand that they are few.
transactions as (
    select
        transactions.loyalty_transaction_id,
        transactions.customer_id,
        transactions.program_id,
        transactions.transaction_type,
        transactions.points,
        transactions.occurred_at
    from {{ ref('fct_loyalty_transactions') }} as transactions
    inner join as_of
        on transactions.occurred_date <= as_of.as_of_date
    where
        transactions.loyalty_transaction_id in (select found.loyalty_transaction_id from found)
        or transactions.loyalty_transaction_id is null
),

anomalies as (
    select
        transactions.*,
        found_of_entries.anomalies,
        cast(found_of_entries.points_uncovered as decimal(18, 4)) as points_uncovered
    from transactions
    inner join found_of_entries
        on transactions.loyalty_transaction_id = found_of_entries.loyalty_transaction_id
)

select * from anomalies
