-- Returns by the order's day and returns by the day they were posted are the same over all time, in every
-- segment.

select
    period_grain,
    segment_type,
    segment,
    sum(returns_posted) as returns_posted,
    sum(returns) as returns
from {{ ref('rpt_retention_by_period') }}
group by 1, 2, 3
having sum(returns_posted) <> sum(returns)
