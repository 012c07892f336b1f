-- What is left of a member's lots, less what no lot covered, is the sum of entries and lapses. The lots know nothing of
-- entries that they are not told of; the ledger knows nothing of lots.

with lots as (
    select
        customer_id,
        program_id,
        points_earned - points_redeemed - points_expired - points_cancelled - points_lapsing as points
    from {{ ref('int_point_lots') }}
    where {{ is_touched('customer_id', ref('int_batch_lot_customers')) }}
),

uncovered_and_lapses as (
    select
        customer_id,
        program_id,
        case when transaction_type = 'lapse' then points else -points end as points
    from {{ ref('int_point_lot_uses') }}
    where
        (transaction_type = 'lapse' or use_type = 'uncovered')
        and {{ is_touched('customer_id', ref('int_batch_lot_customers')) }}
),

entries as (
    select
        transactions.customer_id,
        transactions.program_id,
        -transactions.signed_points as points
    from {{ ref('fct_loyalty_transactions') }} as transactions
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where
        not (transactions.transaction_type = 'expire' and expiry.expiry_mode = 'computed')
        and {{ is_touched('transactions.customer_id', ref('int_batch_lot_customers')) }}
),

differences as (
    select * from lots
    union all
    select * from uncovered_and_lapses
    union all
    select * from entries
)

select
    customer_id,
    program_id,
    sum(points) as points
from differences
group by 1, 2
having sum(points) <> 0
