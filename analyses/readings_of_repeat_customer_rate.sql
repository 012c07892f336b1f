-- Which repeat customer rate does my agency quote? Four readings of one month, side by side,
-- each with what it divides.

select
    period_start,
    repeat_customers,
    repeat_customers_to_date,
    returning_customers,
    active_customers,
    repeat_customers_lifetime,
    customers_to_date,
    repeat_customer_rate as two_orders_in_the_month,
    repeat_customer_rate_to_date as two_orders_by_the_end_of_the_month,
    returning_customer_share as ordered_before_the_month,
    repeat_customer_rate_lifetime as of_all_customers_to_date
from {{ ref('rpt_retention_by_period') }}
where
    period_grain = 'month'
    and segment_type = 'all'
    and is_complete
order by period_start
