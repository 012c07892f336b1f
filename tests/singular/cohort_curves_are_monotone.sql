-- From one period of a cohort to the next, whoever is active on or after it can only become fewer,
-- and whoever has repurchased only more; sums to date grow by what the period brought.

with compared as (
    select
        *,
        lag(cohort_size) over periods as previous_cohort_size,
        lag(on_or_after_customers) over periods as previous_on_or_after_customers,
        lag(repurchased_customers) over periods as previous_repurchased_customers,
        lag(cumulative_orders) over periods as previous_cumulative_orders,
        lag(cumulative_net_sales) over periods as previous_cumulative_net_sales
    from {{ ref('rpt_retention_by_cohort') }}
    window periods as (
        partition by period_grain, cohort_start, segment_type, segment
        order by period_number
    )
)

select *
from compared
where
    cohort_size <> previous_cohort_size
    or on_or_after_customers > previous_on_or_after_customers
    or repurchased_customers < previous_repurchased_customers
    or cumulative_orders <> previous_cumulative_orders + orders
    or cumulative_net_sales <> previous_cumulative_net_sales + net_sales
