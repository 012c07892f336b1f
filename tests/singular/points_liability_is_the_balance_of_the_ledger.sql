-- What lots hold is what the ledger's balances say, pending points too, and what no lot covered: two ways to one
-- figure, by lots and by signed entries.

select
    liability.period_grain,
    liability.period_start,
    liability.program_id,
    liability.points_outstanding,
    liability.points_uncovered,
    balances.points_outstanding as available_points,
    balances.points_pending
from {{ ref('rpt_points_liability') }} as liability
full outer join {{ ref('rpt_loyalty_by_period') }} as balances
    on
        liability.period_grain = balances.period_grain
        and liability.period_start = balances.period_start
        and liability.program_id = balances.program_id
where
    liability.points_outstanding - liability.points_uncovered
    is distinct from balances.points_outstanding + balances.points_pending
