-- A month's new customers are the same number in each report of cohorts, and as many of them are
-- eligible as have had the time. No cohort is missing.

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
    {% for days in [30, 60, 90, 180, 360] -%}
    select {{ days }} as window_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
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

bucket_lengths as (
    {% for days in var('rolling_bucket_days') -%}
    select {{ days }} as bucket_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Those that are over for the first customers of the cohort.
whole_buckets as (
    select
        customers.cohort_month,
        bucket_lengths.bucket_days,
        max({{ rolling_bucket(
            days_between('customers.first_order_date', 'customers.as_of_date'), 'bucket_lengths.bucket_days'
        ) }}) as buckets
    from customers
    cross join bucket_lengths
    group by 1, 2
),

reported_buckets as (
    select
        cohort_month,
        bucket_days,
        count(*) as buckets,
        max(bucket) as last_bucket
    from rolling
    group by 1, 2
)

select
    'rpt_repurchase_windows' as report,
    coalesce(expected_in_windows.cohort_month, windows.cohort_month) as cohort_month,
    coalesce(expected_in_windows.window_days, windows.window_days) as days
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
    coalesce(whole_buckets.cohort_month, reported_buckets.cohort_month) as cohort_month,
    coalesce(whole_buckets.bucket_days, reported_buckets.bucket_days) as days
from whole_buckets
full outer join reported_buckets
    on
        whole_buckets.cohort_month = reported_buckets.cohort_month
        and whole_buckets.bucket_days = reported_buckets.bucket_days
where
    coalesce(whole_buckets.buckets, 0) <> coalesce(reported_buckets.buckets, 0)
    or reported_buckets.buckets <> reported_buckets.last_bucket + 1
