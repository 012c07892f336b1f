{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_lot_customers'}},
    post_hook='{{ log_lot_orders() }}'
) }}

-- Each use takes from the lots that exist at its moment: those that can be spent before those that are pending, then
-- first to expire, first earned, id. Like the ledger it does not move with as_of.
--
-- Lots in the order in which they expire are a line, and what is used is its beginning, as long as each use finds
-- lots that exist and can be spent from there to its own end. Then sums along the line say which use took from which
-- lot. An order that is taken back makes its lots shorter from the beginning, which changes nothing as long as nobody
-- has come to the part that is taken back. Members of whom all this is not so are folded, one use after the
-- other.

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
    where
        transactions.signed_points <> 0
        and {{ is_touched('transactions.customer_id', ref('int_batch_lot_customers')) }}
        and not (transactions.transaction_type = 'expire' and expiry.expiry_mode = 'computed')
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
        is_lapsing
    from ledger
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
        is_lapsing
    from ledger
    where signed_points < 0
),

cancelled_orders as (
    select
        customer_id,
        program_id,
        cancelled_order_id as order_id,
        sum(points) as points,
        min(used_at) as first_cancelled_at,
        max(used_at) as last_cancelled_at
    from uses
    where cancelled_order_id is not null
    group by 1, 2, 3
),

cancelling as (
    select
        *,
        sum(points) over (
            partition by customer_id, program_id, cancelled_order_id
            order by used_at, loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as points_to_date
    from uses
    where cancelled_order_id is not null
),

lots_of_cancelled_orders as (
    select
        lots.customer_id,
        lots.program_id,
        lots.order_id,
        lots.loyalty_transaction_id,
        lots.earned_date,
        lots.points,
        cancelled_orders.points as order_points_cancelled,
        sum(lots.points) over (
            partition by lots.customer_id, lots.program_id, lots.order_id
            order by lots.expires_at nulls last, lots.earned_at, lots.loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as order_points_to_date,
        lots.earned_at <= cancelled_orders.first_cancelled_at
        and (
            not lots.is_lapsing
            or lots.expires_at is null
            or lots.expires_at > cancelled_orders.last_cancelled_at
        ) as exists_when_cancelled,
        lots.available_at <= cancelled_orders.first_cancelled_at as is_available_when_cancelled,
        lots.available_at > cancelled_orders.last_cancelled_at as is_pending_when_cancelled
    from lots
    inner join cancelled_orders
        on
            lots.customer_id = cancelled_orders.customer_id
            and lots.program_id = cancelled_orders.program_id
            and lots.order_id = cancelled_orders.order_id
),

shortened_lots as (
    select
        *,
        greatest(0, least(points, order_points_cancelled - order_points_to_date + points)) as points_cancelled
    from lots_of_cancelled_orders
),

line as (
    select
        lots.*,
        coalesce(shortened_lots.points_cancelled, 0) as points_cancelled,
        sum(lots.points - coalesce(shortened_lots.points_cancelled, 0)) over member_line as line_end,
        max(lots.earned_at) over member_line as last_earned_at,
        max(lots.available_at) over member_line as last_available_at
    from lots
    left join shortened_lots
        on lots.loyalty_transaction_id = shortened_lots.loyalty_transaction_id
    window member_line as (
        partition by lots.customer_id, lots.program_id
        order by lots.expires_at nulls last, lots.earned_at, lots.loyalty_transaction_id
        rows between unbounded preceding and current row
    )
),

-- Up to where the line may be used when the order is taken back, and whether its lots are what they have to be.
shortened_orders as (
    select
        shortened_lots.customer_id,
        shortened_lots.program_id,
        shortened_lots.order_id,
        min(line.line_end) filter (where shortened_lots.points_cancelled > 0) as unused_from,
        bool_and(shortened_lots.exists_when_cancelled)
        and (
            count(*) = 1
            or bool_and(shortened_lots.is_available_when_cancelled)
            or bool_and(shortened_lots.is_pending_when_cancelled)
        )
        and sum(shortened_lots.points) >= max(shortened_lots.order_points_cancelled) as is_shortened
    from shortened_lots
    inner join line
        on shortened_lots.loyalty_transaction_id = line.loyalty_transaction_id
    group by 1, 2, 3
),

-- At one moment lots lapse first.
events as (
    select
        uses.customer_id,
        uses.program_id,
        uses.used_at,
        1 as turn,
        uses.loyalty_transaction_id,
        uses.transaction_type,
        uses.use_date,
        case when shortened_orders.order_id is null then uses.points else 0 end as points,
        cast(null as decimal(38, 4)) as lapsed_to,
        shortened_orders.unused_from,
        coalesce(shortened_orders.is_shortened, true) as is_shortened
    from uses
    left join shortened_orders
        on
            uses.customer_id = shortened_orders.customer_id
            and uses.program_id = shortened_orders.program_id
            and uses.cancelled_order_id = shortened_orders.order_id
    union all
    select
        customer_id,
        program_id,
        expires_at as used_at,
        0 as turn,
        loyalty_transaction_id,
        'lapse' as transaction_type,
        cast(null as date) as use_date,
        0 as points,
        line_end as lapsed_to,
        cast(null as decimal(38, 4)) as unused_from,
        true as is_shortened
    from line
    where is_lapsing and expires_at is not null
),

summed as (
    select
        *,
        sum(points) over (
            partition by customer_id, program_id
            order by used_at, turn, loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as points_to_date
    from events
),

-- A lapse moves the beginning of what is left to the end of the lot, unless it lies there already.
placed as (
    select
        *,
        points_to_date + greatest(0, coalesce(max(lapsed_to - points_to_date) over (
            partition by customer_id, program_id
            order by used_at, turn, loyalty_transaction_id
            rows between unbounded preceding and current row
        ), 0)) as used_to
    from summed
),

placed_uses as (
    select
        *,
        used_to - points as used_from
    from placed
    where turn = 1
),

placed_takes as (
    select
        line.loyalty_transaction_id as lot_loyalty_transaction_id,
        placed_uses.loyalty_transaction_id as use_loyalty_transaction_id,
        case when placed_uses.transaction_type = 'expire' then 'expired' else 'redeemed' end as use_type,
        placed_uses.transaction_type,
        line.customer_id,
        line.program_id,
        line.earned_date as lot_earned_date,
        placed_uses.use_date,
        placed_uses.used_at,
        least(placed_uses.used_to, line.line_end)
        - greatest(placed_uses.used_from, line.line_end - line.points + line.points_cancelled) as points,
        greatest(line.last_earned_at, line.last_available_at) <= placed_uses.used_at as is_in_order
    from placed_uses
    inner join line
        on
            placed_uses.customer_id = line.customer_id
            and placed_uses.program_id = line.program_id
            and placed_uses.used_from < line.line_end
            and placed_uses.used_to > line.line_end - line.points + line.points_cancelled
    where placed_uses.points > 0 and line.points > line.points_cancelled
),

line_ends as (
    select
        customer_id,
        program_id,
        max(line_end) as line_end
    from line
    group by 1, 2
),

folded_members as (
    select
        placed_uses.customer_id,
        placed_uses.program_id
    from placed_uses
    left join line_ends
        on
            placed_uses.customer_id = line_ends.customer_id
            and placed_uses.program_id = line_ends.program_id
    where
        placed_uses.used_to > coalesce(line_ends.line_end, 0)
        or placed_uses.used_to > placed_uses.unused_from
        or not placed_uses.is_shortened
    union distinct
    select
        customer_id,
        program_id
    from placed_takes
    where not is_in_order
),

-- The order's own points that are taken back: the entries follow each other along its lots.
cancelled_takes as (
    select
        shortened_lots.loyalty_transaction_id as lot_loyalty_transaction_id,
        cancelling.loyalty_transaction_id as use_loyalty_transaction_id,
        'cancelled' as use_type,
        cancelling.transaction_type,
        shortened_lots.customer_id,
        shortened_lots.program_id,
        shortened_lots.earned_date as lot_earned_date,
        cancelling.use_date,
        cancelling.used_at,
        least(cancelling.points_to_date, shortened_lots.order_points_to_date)
        - greatest(
            cancelling.points_to_date - cancelling.points, shortened_lots.order_points_to_date - shortened_lots.points
        ) as points,
        true as is_in_order
    from shortened_lots
    inner join cancelling
        on
            shortened_lots.customer_id = cancelling.customer_id
            and shortened_lots.program_id = cancelling.program_id
            and shortened_lots.order_id = cancelling.cancelled_order_id
            and shortened_lots.order_points_to_date > cancelling.points_to_date - cancelling.points
            and shortened_lots.order_points_to_date - shortened_lots.points < cancelling.points_to_date
),

takes_in_closed_form as (
    select takes.*
    from (
        select * from placed_takes
        union all
        select * from cancelled_takes
    ) as takes
    left join folded_members
        on
            takes.customer_id = folded_members.customer_id
            and takes.program_id = folded_members.program_id
    where folded_members.customer_id is null
),

-- Lots of the very moment of a use exist already.
folded_entries as (
    select
        ledger.*,
        count(*) filter (where ledger.signed_points < 0) over (
            partition by ledger.customer_id, ledger.program_id
            order by ledger.occurred_at, ledger.signed_points < 0, ledger.loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as uses_to_date
    from ledger
    inner join folded_members
        on
            ledger.customer_id = folded_members.customer_id
            and ledger.program_id = folded_members.program_id
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
            'points': 'signed_points',
        }) }} as lots
    from folded_entries
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
    from folded_entries as entries
    left join new_lots
        on
            entries.customer_id = new_lots.customer_id
            and entries.program_id = new_lots.program_id
            and entries.uses_to_date = new_lots.use_number
    where entries.signed_points < 0
    group by 1, 2
),

folded_takes as (
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
        lots.occurred_date as lot_earned_date,
        uses.occurred_date as use_date,
        uses.occurred_at as used_at,
        folded.points
    from folded
    inner join folded_entries as lots
        on folded.lot_id = lots.loyalty_transaction_id
    inner join folded_entries as uses
        on folded.use_id = uses.loyalty_transaction_id
),

points_covered as (
    select
        use_loyalty_transaction_id,
        sum(points) as points
    from folded_takes
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
        cast(null as date) as lot_earned_date,
        uses.occurred_date as use_date,
        uses.occurred_at as used_at,
        -uses.signed_points - coalesce(points_covered.points, 0) as points
    from folded_entries as uses
    left join points_covered
        on uses.loyalty_transaction_id = points_covered.use_loyalty_transaction_id
    where uses.signed_points < 0 and -uses.signed_points > coalesce(points_covered.points, 0)
),

takes as (
    select
        lot_loyalty_transaction_id,
        use_loyalty_transaction_id,
        use_type,
        transaction_type,
        customer_id,
        program_id,
        lot_earned_date,
        use_date,
        used_at,
        points,
        'closed_form' as lot_order
    from takes_in_closed_form
    union all
    select
        *,
        'folded' as lot_order
    from folded_takes
    union all
    select
        *,
        'folded' as lot_order
    from uncovered
),

lapsing_lots as (
    select
        lots.*,
        case when folded_members.customer_id is null then 'closed_form' else 'folded' end as lot_order
    from lots
    left join folded_members
        on
            lots.customer_id = folded_members.customer_id
            and lots.program_id = folded_members.program_id
    where lots.is_lapsing and lots.expires_at is not null
),

points_taken as (
    select
        takes.lot_loyalty_transaction_id,
        sum(takes.points) as points
    from takes
    inner join lapsing_lots
        on takes.lot_loyalty_transaction_id = lapsing_lots.loyalty_transaction_id
    group by 1
),

lapses as (
    select
        lapsing_lots.loyalty_transaction_id as lot_loyalty_transaction_id,
        cast(null as {{ dbt.type_string() }}) as use_loyalty_transaction_id,
        'expired' as use_type,
        'lapse' as transaction_type,
        lapsing_lots.customer_id,
        lapsing_lots.program_id,
        lapsing_lots.earned_date as lot_earned_date,
        {{ to_local_date('lapsing_lots.expires_at') }} as use_date,
        lapsing_lots.expires_at as used_at,
        lapsing_lots.points - coalesce(points_taken.points, 0) as points,
        lapsing_lots.lot_order
    from lapsing_lots
    left join points_taken
        on lapsing_lots.loyalty_transaction_id = points_taken.lot_loyalty_transaction_id
    where lapsing_lots.points > coalesce(points_taken.points, 0)
),

all_takes as (
    select * from takes
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
        lot_earned_date,
        use_date,
        used_at,
        cast(points as decimal(18, 4)) as points,
        lot_order
    from all_takes
)

select * from lot_uses
