with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

activity as (
    select * from {{ ref('int_rolling_activity') }}
),

-- The first order is in bucket 0.
customers_by_day as (
    select
        first_order_date,
        bucket_days,
        customers
    from activity
    where bucket = 0
),

-- A bucket is over on each day that is a whole number of buckets after the first order of all.
first_orders as (
    select
        bucket_days,
        min(first_order_date) as first_order_date
    from customers_by_day
    group by 1
),

buckets as (
    select
        first_orders.bucket_days,
        {{ rolling_bucket(
            days_between('first_orders.first_order_date', 'dates.date_day'), 'first_orders.bucket_days'
        ) }} - 1 as bucket
    from first_orders
    cross join as_of
    inner join {{ ref('dim_dates') }} as dates
        on
            first_orders.first_order_date < dates.date_day
            and as_of.as_of_date >= dates.date_day
    where mod({{ days_between('first_orders.first_order_date', 'dates.date_day') }}, first_orders.bucket_days) = 0
),

eligible as (
    select
        {{ period_start_of('month', 'customers_by_day.first_order_date') }} as cohort_month,
        buckets.bucket_days,
        buckets.bucket,
        sum(customers_by_day.customers) as eligible_customers
    from customers_by_day
    cross join as_of
    inner join buckets
        on customers_by_day.bucket_days = buckets.bucket_days
    where
        {{ add_days('customers_by_day.first_order_date', '(buckets.bucket + 1) * buckets.bucket_days') }}
        <= as_of.as_of_date
    group by 1, 2, 3
),

active as (
    select
        {{ period_start_of('month', 'activity.first_order_date') }} as cohort_month,
        activity.bucket_days,
        activity.bucket,
        sum(activity.customers) as active_customers
    from activity
    cross join as_of
    where
        {{ add_days('activity.first_order_date', '(activity.bucket + 1) * activity.bucket_days') }}
        <= as_of.as_of_date
    group by 1, 2, 3
),

counted as (
    select
        eligible.cohort_month,
        eligible.bucket_days,
        eligible.bucket,
        'all' as segment_type,
        'all' as segment,
        cast(eligible.eligible_customers as bigint) as eligible_customers,
        cast(coalesce(active.active_customers, 0) as bigint) as active_customers
    from eligible
    left join active
        on
            eligible.cohort_month = active.cohort_month
            and eligible.bucket_days = active.bucket_days
            and eligible.bucket = active.bucket
),

rated as (
    select
        *,
        {{ is_sparse('eligible_customers') }} as is_sparse,
        {{ retention_rate('active_customers', 'eligible_customers') }} as retention_rate,
        {{ wilson_interval('active_customers', 'eligible_customers', 'lower') }} as retention_rate_lower,
        {{ wilson_interval('active_customers', 'eligible_customers', 'upper') }} as retention_rate_upper
    from counted
)

select * from rated
