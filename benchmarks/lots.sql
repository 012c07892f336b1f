-- Lots of points in closed form: who took what from which lot (lot_uses), and what became of each lot (point_lots).
-- Of a ledger of which every member can be followed along the line of her lots, and no point lapses by itself.
--
-- Entries are known by their row in the ledger, members by a hash: numbers of 64 bits go through windows at a third of
-- the cost of ids, and words are fetched once at the end.

-- What entries that name an order take back of the order's own lots.
create temp table cancelled as
with cancellations as (
    select
        rowid as use_row, customer_id, program_id, order_id, points,
        sum(points) over (
            partition by order_id, customer_id, program_id
            order by occurred_at, loyalty_transaction_id rows unbounded preceding
        ) as points_to_date
    from marts.fct_loyalty_transactions
    where transaction_type = 'cancel_earn' and order_id is not null and points > 0
),

lots as (
    select
        rowid as lot_row, customer_id, program_id, order_id, points,
        sum(points) over (
            partition by order_id, customer_id, program_id
            order by
                transaction_type <> 'earn', expires_at nulls last, occurred_at, loyalty_transaction_id
            rows unbounded preceding
        ) as points_to_date
    from (
        select ledger.rowid, ledger.* replace (
            coalesce(expires_at, occurred_at + to_days(points_expire_after_days)) as expires_at
        )
        from marts.fct_loyalty_transactions as ledger
        join intermediate.int_program_expiry using (program_id)
        semi join cancellations using (order_id, customer_id, program_id)
        where signed_points > 0
    )
)

select
    lot_row, use_row,
    greatest(
        0,
        least(cancellations.points_to_date, lots.points_to_date)
        - greatest(cancellations.points_to_date - cancellations.points, lots.points_to_date - lots.points)
    )::decimal(18, 4) as points
from lots
join cancellations using (order_id, customer_id, program_id);

-- Where each lot and each use ends on its member's line. What is cancelled is not on it, and nobody comes to lots
-- behind the last use.
create temp table ends as
with off_the_line as (
    select lot_row as entry_row, sum(points)::decimal(18, 4) as points from cancelled group by all
    union all
    select distinct use_row, null from cancelled
),

entries as (
    select
        ledger.rowid as entry_row,
        hash(customer_id, program_id) as member,
        signed_points > 0 as is_lot,
        case
            when off_the_line.entry_row is null then abs(signed_points)
            else signed_points - coalesce(off_the_line.points, signed_points)
        end as points,
        case
            when signed_points < 0 then occurred_at
            else coalesce(expires_at, occurred_at + to_days(points_expire_after_days), 'infinity')
        end as in_turn,
        occurred_at,
        loyalty_transaction_id
    from marts.fct_loyalty_transactions as ledger
    join intermediate.int_program_expiry using (program_id)
    left join off_the_line on off_the_line.entry_row = ledger.rowid
    where signed_points <> 0 and not (transaction_type = 'expire' and expiry_mode = 'computed')
),

line as (
    select
        entry_row, member, is_lot, points,
        sum(case when is_lot then points end) over in_order as line_end,
        sum(case when not is_lot then points end) over in_order as used_to
    from entries
    window in_order as (
        partition by member order by is_lot, in_turn, occurred_at, loyalty_transaction_id rows unbounded preceding
    )
)

select entry_row, member, is_lot, case when is_lot then line_end else used_to end as place
from line
where points > 0 and (not is_lot or line_end - points < used_to);

-- What lies between one end and the next.
create temp table takes as
select lot_row, use_row, points::decimal(18, 4) as points, false as is_cancelled
from (
    select
        place - lag(place, 1, 0) over along as points,
        first_value(case when is_lot then entry_row end ignore nulls) over onwards as lot_row,
        first_value(case when not is_lot then entry_row end ignore nulls) over onwards as use_row
    from ends
    window
        along as (partition by member order by place, is_lot),
        onwards as (partition by member order by place, is_lot rows between current row and unbounded following)
)
where points > 0 and use_row is not null
union all
select lot_row, use_row, points, true from cancelled where points > 0;

create schema hand_written;

create table hand_written.lot_uses as
select
    lots.loyalty_transaction_id as lot_loyalty_transaction_id,
    uses.loyalty_transaction_id as use_loyalty_transaction_id,
    case
        when is_cancelled then 'cancelled' when uses.transaction_type = 'expire' then 'expired' else 'redeemed'
    end as use_type,
    uses.transaction_type,
    uses.customer_id,
    uses.program_id,
    lots.transaction_type = 'earn' and lots.activity = 'purchase' as lot_is_purchase,
    lots.occurred_date as lot_earned_date,
    uses.occurred_date as use_date,
    uses.occurred_at as used_at,
    takes.points
from takes
join marts.fct_loyalty_transactions as uses on uses.rowid = use_row
join marts.fct_loyalty_transactions as lots on lots.rowid = lot_row;

create table hand_written.point_lots as
with used as (
    select
        lot_row,
        sum(takes.points) filter (not is_cancelled and transaction_type <> 'expire') as points_redeemed,
        sum(takes.points) filter (not is_cancelled and transaction_type = 'expire') as points_expired,
        sum(takes.points) filter (is_cancelled) as points_cancelled
    from takes
    join marts.fct_loyalty_transactions as uses on uses.rowid = use_row
    group by all
)

select
    loyalty_transaction_id, customer_id, program_id, order_id, partner_id, transaction_type, activity,
    occurred_at as earned_at,
    occurred_date as earned_date,
    available_at,
    coalesce(expires_at, occurred_at + to_days(points_expire_after_days)) as expires_at,
    points as points_earned,
    coalesce(points_redeemed, 0)::decimal(18, 4) as points_redeemed,
    coalesce(points_expired, 0)::decimal(18, 4) as points_expired,
    coalesce(points_cancelled, 0)::decimal(18, 4) as points_cancelled,
    (
        points - coalesce(points_redeemed, 0) - coalesce(points_expired, 0) - coalesce(points_cancelled, 0)
    )::decimal(18, 4) as points_remaining
from marts.fct_loyalty_transactions as lots
join intermediate.int_program_expiry using (program_id)
left join used on lot_row = lots.rowid
where signed_points > 0;
