-- A month's new customers are the same number in each report of cohorts, and as many of them are
-- eligible as have had the time.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

customers as (
    select
        customers.first_order_date,
        {{ period_start_of('month', 'customers.first_order_date') }} as cohort_month,
        as_of.as_of_date,
        count(*) as customers
    from {{ ref('int_customer_segments') }} as customers
    cross join as_of
    group by 1, 2, 3
),

windows as (
    select
        cohort_month,
        window_days,
        cohort_customers,
        eligible_customers
    from {{ ref('rpt_repurchase_windows') }}
    where segment_type = 'all'
),

window_lengths as (
    select distinct window_days from windows
),

expected_in_windows as (
    select
        customers.cohort_month,
        window_lengths.window_days,
        sum(customers.customers) as cohort_customers,
        coalesce(sum(customers.customers) filter (
            where {{ add_days('customers.first_order_date', 'window_lengths.window_days') }} <= customers.as_of_date
        ), 0) as eligible_customers
    from customers
    cross join window_lengths
    group by 1, 2
),

rolling as (
    select
        cohort_month,
        bucket_days,
        bucket,
        eligible_customers
    from {{ ref('rpt_rolling_retention') }}
),

expected_in_buckets as (
    select
        rolling.cohort_month,
        rolling.bucket_days,
        rolling.bucket,
        rolling.eligible_customers,
        sum(customers.customers) filter (
            where {{ add_days('customers.first_order_date', '(rolling.bucket + 1) * rolling.bucket_days') }}
            <= customers.as_of_date
        ) as expected_customers
    from rolling
    left join customers
        on rolling.cohort_month = customers.cohort_month
    group by 1, 2, 3, 4
),

buckets_without_gaps as (
    select
        cohort_month,
        bucket_days,
        max(bucket) + 1 - count(*) as missing_buckets
    from rolling
    group by 1, 2
)

select
    'rpt_repurchase_windows' as report,
    expected_in_windows.cohort_month,
    expected_in_windows.window_days as days
from expected_in_windows
full outer join windows
    on
        expected_in_windows.cohort_month = windows.cohort_month
        and expected_in_windows.window_days = windows.window_days
where
    coalesce(expected_in_windows.cohort_customers <> windows.cohort_customers, true)
    or coalesce(expected_in_windows.eligible_customers <> windows.eligible_customers, true)
union all
select
    'rpt_rolling_retention' as report,
    cohort_month,
    bucket_days as days
from expected_in_buckets
where coalesce(eligible_customers <> expected_customers, true)
union all
select
    'rpt_rolling_retention, gaps' as report,
    cohort_month,
    bucket_days as days
from buckets_without_gaps
where missing_buckets <> 0
