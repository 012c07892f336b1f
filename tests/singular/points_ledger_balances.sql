-- issued + restored + adjusted - redeemed - expired - cancelled, cumulated, is outstanding +
-- pending in every period of every programme, and in the last one what the ledger adds up to.
-- Catches a flow that no column shows, and a balance that begins in the middle of the ledger. A batch
-- takes the ledger's sums by day for the ledger. Points that lapse by themselves are in no entry.

-- depends_on: {{ ref('int_points_by_day') }}

with entries as (
    select
        transactions.program_id,
        transactions.signed_points
    from {{ ref('int_points_by_day') if is_batch() else ref('fct_loyalty_transactions') }} as transactions
    cross join {{ ref('int_as_of') }} as as_of
    inner join {{ ref('int_program_expiry') }} as expiry
        on transactions.program_id = expiry.program_id
    where
        transactions.occurred_date <= as_of.as_of_date
        and not (transactions.transaction_type = 'expire' and expiry.expiry_mode = 'computed')
    union all
    select
        uses.program_id,
        -uses.points as signed_points
    from {{ ref('int_point_lot_uses') }} as uses
    cross join {{ ref('int_as_of') }} as as_of
    where
        uses.transaction_type = 'lapse'
        and uses.use_date <= as_of.as_of_date
),

ledger as (
    select
        program_id,
        sum(signed_points) as points
    from entries
    group by 1
),

balances as (
    select
        period_grain,
        period_start,
        program_id,
        points_outstanding + points_pending as points,
        sum(
            points_issued + points_restored + points_adjusted
            - points_redeemed - points_expired - points_cancelled
        ) over (
            partition by period_grain, program_id
            order by period_start
        ) as cumulated_points,
        lead(period_start) over (
            partition by period_grain, program_id
            order by period_start
        ) as next_period_start
    from {{ ref('rpt_loyalty_by_period') }}
)

select
    coalesce(ledger.program_id, balances.program_id) as program_id,
    ledger.points as ledger_points,
    balances.period_grain,
    balances.period_start,
    balances.points,
    balances.cumulated_points
from ledger
full outer join balances
    on ledger.program_id = balances.program_id
where
    balances.points is null
    or balances.points <> balances.cumulated_points
    or (balances.next_period_start is null and balances.points <> coalesce(ledger.points, 0))
