{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_lot_customers'}}
) }}

-- Lots in the order in which they expire are a line, and what is used is its beginning, as long as each use finds
-- lots that exist and can be spent from there to its own end. Then both lots and uses end somewhere on the line, and
-- what lies between one end and the next is what one use took from one lot. Points of an order that is taken back are
-- not on the line: that changes nothing as long as nobody has come to them. Members of whom all this is not so are
-- left out.

with points_off_the_line as (
    select
        lot_loyalty_transaction_id as loyalty_transaction_id,
        sum(points) as points
    from {{ ref('int_point_cancellations') }}
    group by 1
    union all
    select distinct
        use_loyalty_transaction_id as loyalty_transaction_id,
        cast(null as decimal(38, 4)) as points
    from {{ ref('int_point_cancellations') }}
),

ledger as (
    select
        transactions.loyalty_transaction_id,
        transactions.customer_id,
        transactions.program_id,
        transactions.transaction_type,
        transactions.is_purchase,
        transactions.signed_points,
        transactions.occurred_at,
        transactions.occurred_date,
        greatest(transactions.occurred_at, transactions.available_at) as usable_at,
        {{ lot_expires_at('transactions.expires_at', 'transactions.occurred_at', 'expiry.points_expire_after_days') }}
            as expires_at,
        expiry.expiry_mode = 'computed' as is_lapsing
    from {{ ref('int_batch_lot_entries') }} as transactions
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where
        transactions.signed_points <> 0
        and {{ is_entry_used('transactions.transaction_type', 'expiry.expiry_mode') }}
),

entries as (
    select
        ledger.loyalty_transaction_id,
        ledger.customer_id,
        ledger.program_id,
        ledger.transaction_type,
        ledger.is_purchase,
        ledger.occurred_at,
        ledger.occurred_date,
        ledger.is_lapsing,
        ledger.signed_points > 0 as is_lot,
        cast(case
            when off_the_line.loyalty_transaction_id is null then abs(ledger.signed_points)
            else ledger.signed_points - coalesce(off_the_line.points, ledger.signed_points)
        end as decimal(18, 4)) as points,
        case when ledger.signed_points > 0 then ledger.usable_at end as usable_at,
        case when ledger.signed_points > 0 then ledger.expires_at end as expires_at
    from ledger
    left join points_off_the_line as off_the_line
        on ledger.loyalty_transaction_id = off_the_line.loyalty_transaction_id
),

-- Uses come before lots, so that a lot knows how far its member ever comes.
line as (
    select
        *,
        sum(case when is_lot then points end) over member_line as line_end,
        sum(case when not is_lot then points end) over member_line as used_to
    from entries
    window member_line as (
        partition by customer_id, program_id
        order by is_lot, expires_at nulls last, occurred_at, loyalty_transaction_id
        rows between unbounded preceding and current row
    )
),

-- Where points lapse by themselves. At one moment lots lapse first.
lapsing_events as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        transaction_type,
        occurred_at,
        occurred_date,
        1 as turn,
        points,
        cast(null as decimal(38, 4)) as lapsed_to
    from line
    where not is_lot and is_lapsing
    union all
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        'lapse' as transaction_type,
        expires_at as occurred_at,
        cast(null as date) as occurred_date,
        0 as turn,
        0 as points,
        line_end as lapsed_to
    from line
    where is_lot and is_lapsing and expires_at is not null
),

summed_lapsing_events as (
    select
        *,
        sum(points) over (
            partition by customer_id, program_id
            order by occurred_at, turn, loyalty_transaction_id
            rows between unbounded preceding and current row
        ) as points_to_date
    from lapsing_events
),

-- A lapse moves the beginning of what is left to the end of the lot, unless it lies there already.
placed_lapsing_events as (
    select
        *,
        points_to_date + greatest(0, coalesce(max(lapsed_to - points_to_date) over (
            partition by customer_id, program_id
            order by occurred_at, turn, loyalty_transaction_id
            rows between unbounded preceding and current row
        ), 0)) as used_to
    from summed_lapsing_events
),

uses as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        transaction_type,
        occurred_at,
        occurred_date,
        points,
        used_to
    from line
    where not is_lot and not is_lapsing
    union all
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        transaction_type,
        occurred_at,
        occurred_date,
        points,
        used_to
    from placed_lapsing_events
),

ends as (
    select
        customer_id,
        program_id,
        line_end as place,
        true as is_lot,
        loyalty_transaction_id as lot_id,
        is_purchase as lot_is_purchase,
        occurred_date as lot_earned_date,
        usable_at,
        cast(null as {{ dbt.type_string() }}) as use_id,
        cast(null as {{ dbt.type_string() }}) as transaction_type,
        cast(null as {{ dbt.type_timestamp() }}) as used_at,
        cast(null as date) as use_date
    from line
    where is_lot and points > 0 and (is_lapsing or line_end - points < used_to)
    union all
    select
        customer_id,
        program_id,
        used_to as place,
        false as is_lot,
        cast(null as {{ dbt.type_string() }}) as lot_id,
        cast(null as boolean) as lot_is_purchase,
        cast(null as date) as lot_earned_date,
        cast(null as {{ dbt.type_timestamp() }}) as usable_at,
        loyalty_transaction_id as use_id,
        transaction_type,
        occurred_at as used_at,
        occurred_date as use_date
    from uses
    where points > 0 or transaction_type = 'lapse'
),

-- Where several end in one place, the first of them has the stretch up to there.
stretches as (
    select
        customer_id,
        program_id,
        place - coalesce(lag(place) over along, 0) as points,
        {{ next_known('lot_id', 'onwards') }} as lot_id,
        {{ next_known('lot_is_purchase', 'onwards') }} as lot_is_purchase,
        {{ next_known('lot_earned_date', 'onwards') }} as lot_earned_date,
        {{ next_known('usable_at', 'onwards') }} as usable_at,
        {{ next_known('use_id', 'onwards') }} as use_id,
        {{ next_known('transaction_type', 'onwards') }} as transaction_type,
        {{ next_known('used_at', 'onwards') }} as used_at,
        {{ next_known('use_date', 'onwards') }} as use_date
    from ends
    window
        along as (
            partition by customer_id, program_id
            order by place, is_lot, used_at
        ),
        onwards as (
            partition by customer_id, program_id
            order by place, is_lot, used_at
            rows between current row and unbounded following
        )
),

used_stretches as (
    select * from stretches
    where points > 0 and use_id is not null
),

cancelled_orders as (
    select
        cancellations.customer_id,
        cancellations.program_id,
        cancellations.order_id,
        bool_and(cancellations.is_shortened) as is_shortened,
        max(uses.used_to) as used_to,
        min(line.line_end) filter (where cancellations.points > 0) as unused_from
    from {{ ref('int_point_cancellations') }} as cancellations
    inner join uses
        on cancellations.use_loyalty_transaction_id = uses.loyalty_transaction_id
    inner join line
        on cancellations.lot_loyalty_transaction_id = line.loyalty_transaction_id
    group by 1, 2, 3
),

members_out_of_line as (
    select
        customer_id,
        program_id
    from used_stretches
    where transaction_type <> 'lapse' and (lot_id is null or usable_at > used_at)
    union distinct
    select
        customer_id,
        program_id
    from cancelled_orders
    where used_to > unused_from or not is_shortened
),

takes as (
    select
        lot_id as lot_loyalty_transaction_id,
        case when transaction_type <> 'lapse' then use_id end as use_loyalty_transaction_id,
        case when transaction_type in ('expire', 'lapse') then 'expired' else 'redeemed' end as use_type,
        transaction_type,
        customer_id,
        program_id,
        lot_is_purchase,
        lot_earned_date,
        case when transaction_type = 'lapse' then {{ to_local_date('used_at') }} else use_date end as use_date,
        used_at,
        cast(points as decimal(18, 4)) as points
    from used_stretches
    union all
    select
        lot_loyalty_transaction_id,
        use_loyalty_transaction_id,
        'cancelled' as use_type,
        'cancel_earn' as transaction_type,
        customer_id,
        program_id,
        lot_is_purchase,
        lot_earned_date,
        use_date,
        used_at,
        points
    from {{ ref('int_point_cancellations') }}
    where points > 0
),

takes_in_line as (
    select takes.*
    from takes
    left join members_out_of_line
        on
            takes.customer_id = members_out_of_line.customer_id
            and takes.program_id = members_out_of_line.program_id
    where members_out_of_line.customer_id is null
)

select * from takes_in_line
