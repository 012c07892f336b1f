{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_lot_customers'}}
) }}

-- Members whose uses are no stretches of a line, because they overspent, have free expiry dates or spent out of order:
-- each use takes from the lots that exist at its moment, those that can be spent before those that are pending, then
-- first to expire, first earned, id. An order that is taken back takes from its own lots before, whether they can be
-- spent or not, and of these first from those that it earned.

with members_with_uses as (
    select distinct
        transactions.customer_id,
        transactions.program_id
    from {{ ref('int_batch_lot_entries') }} as transactions
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where
        transactions.signed_points < 0
        and {{ is_entry_used('transactions.transaction_type', 'expiry.expiry_mode') }}
),

members_in_line as (
    select distinct
        customer_id,
        program_id
    from {{ ref('int_point_lot_uses_closed_form') }}
    where
        transaction_type <> 'lapse'
        and {{ is_touched('customer_id', ref('int_batch_lot_customers')) }}
),

folded_members as (
    select
        members_with_uses.customer_id,
        members_with_uses.program_id
    from members_with_uses
    left join members_in_line
        on
            members_with_uses.customer_id = members_in_line.customer_id
            and members_with_uses.program_id = members_in_line.program_id
    where members_in_line.customer_id is null
),

ledger as (
    select
        transactions.loyalty_transaction_id,
        transactions.customer_id,
        transactions.program_id,
        transactions.order_id,
        transactions.transaction_type,
        transactions.is_purchase,
        transactions.signed_points,
        transactions.occurred_at,
        transactions.occurred_date,
        transactions.available_at,
        expiry.expiry_mode = 'computed' as is_lapsing,
        {{ lot_expires_at('transactions.expires_at', 'transactions.occurred_at', 'expiry.points_expire_after_days') }}
            as expires_at
    from {{ ref('int_batch_lot_entries') }} as transactions
    inner join folded_members
        on
            transactions.customer_id = folded_members.customer_id
            and transactions.program_id = folded_members.program_id
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where
        transactions.signed_points <> 0
        and {{ is_entry_used('transactions.transaction_type', 'expiry.expiry_mode') }}
),

-- Lots of the very moment of a use exist already. Not every engine lets a window filter.
entries as (
    select
        *,
        count(case when signed_points < 0 then 1 end) over (
            partition by customer_id, program_id
            order by occurred_at, signed_points < 0, loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as uses_to_date
    from ledger
),

new_lots as (
    select
        customer_id,
        program_id,
        uses_to_date + 1 as use_number,
        {{ list_of_structs({
            'is_endless': 'expires_at is null',
            'expires_at': 'expires_at',
            'earned_at': 'occurred_at',
            'lot_id': 'loyalty_transaction_id',
            'available_at': 'available_at',
            'order_id': 'order_id',
            'is_earned': "transaction_type = 'earn'",
            'points': 'signed_points',
        }) }} as lots
    from entries
    where signed_points > 0
    group by 1, 2, 3
),

folded as (
    select
        entries.customer_id,
        entries.program_id,
        -- noqa: disable=PRS
        {{ unnested_structs(fold_lots(list_of_structs({
            'use_number': 'entries.uses_to_date',
            'use_id': 'entries.loyalty_transaction_id',
            'used_at': 'entries.occurred_at',
            'points': 'cast(-entries.signed_points as decimal(18, 4))',
            'cancelled_order_id': "case when entries.transaction_type = 'cancel_earn' then entries.order_id end",
            'is_lapsing': 'entries.is_lapsing',
            'new_lots': 'new_lots.lots',
        }))) }}
    from entries
    left join new_lots
        on
            entries.customer_id = new_lots.customer_id
            and entries.program_id = new_lots.program_id
            and entries.uses_to_date = new_lots.use_number
    where entries.signed_points < 0
    group by 1, 2
),

takes as (
    select
        lots.loyalty_transaction_id as lot_loyalty_transaction_id,
        uses.loyalty_transaction_id as use_loyalty_transaction_id,
        case
            when folded.is_cancelled then 'cancelled'
            when uses.transaction_type = 'expire' then 'expired'
            else 'redeemed'
        end as use_type,
        uses.transaction_type,
        uses.customer_id,
        uses.program_id,
        lots.is_purchase as lot_is_purchase,
        lots.occurred_date as lot_earned_date,
        uses.occurred_date as use_date,
        uses.occurred_at as used_at,
        folded.points
    from folded
    inner join entries as lots
        on folded.lot_id = lots.loyalty_transaction_id
    inner join entries as uses
        on folded.use_id = uses.loyalty_transaction_id
),

points_covered as (
    select
        use_loyalty_transaction_id,
        sum(points) as points
    from takes
    group by 1
),

uncovered as (
    select
        cast(null as {{ dbt.type_string() }}) as lot_loyalty_transaction_id,
        uses.loyalty_transaction_id as use_loyalty_transaction_id,
        'uncovered' as use_type,
        uses.transaction_type,
        uses.customer_id,
        uses.program_id,
        cast(null as boolean) as lot_is_purchase,
        cast(null as date) as lot_earned_date,
        uses.occurred_date as use_date,
        uses.occurred_at as used_at,
        -uses.signed_points - coalesce(points_covered.points, 0) as points
    from entries as uses
    left join points_covered
        on uses.loyalty_transaction_id = points_covered.use_loyalty_transaction_id
    where uses.signed_points < 0 and -uses.signed_points > coalesce(points_covered.points, 0)
),

points_taken as (
    select
        lot_loyalty_transaction_id,
        sum(points) as points
    from takes
    group by 1
),

lapses as (
    select
        lots.loyalty_transaction_id as lot_loyalty_transaction_id,
        cast(null as {{ dbt.type_string() }}) as use_loyalty_transaction_id,
        'expired' as use_type,
        'lapse' as transaction_type,
        lots.customer_id,
        lots.program_id,
        lots.is_purchase as lot_is_purchase,
        lots.occurred_date as lot_earned_date,
        {{ to_local_date('lots.expires_at') }} as use_date,
        lots.expires_at as used_at,
        lots.signed_points - coalesce(points_taken.points, 0) as points
    from entries as lots
    left join points_taken
        on lots.loyalty_transaction_id = points_taken.lot_loyalty_transaction_id
    where
        lots.signed_points > coalesce(points_taken.points, 0)
        and lots.is_lapsing
        and lots.expires_at is not null
),

all_takes as (
    select * from takes
    union all
    select * from uncovered
    union all
    select * from lapses
),

lot_uses as (
    select
        lot_loyalty_transaction_id,
        use_loyalty_transaction_id,
        use_type,
        transaction_type,
        customer_id,
        program_id,
        lot_is_purchase,
        lot_earned_date,
        use_date,
        used_at,
        cast(points as decimal(18, 4)) as points
    from all_takes
)

select * from lot_uses
