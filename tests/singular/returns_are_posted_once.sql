-- Over all periods of a grain and segment the returns on the day of their refunds are the returns of the
-- orders. Catches a refund that leaves one period and arrives in none, or arrives after as_of.

select
    period_grain,
    segment_type,
    segment,
    sum(returns) as returns,
    sum(returns_posted) as returns_posted
from {{ ref('rpt_retention_by_period') }}
group by 1, 2, 3
having sum(returns) <> sum(returns_posted)
