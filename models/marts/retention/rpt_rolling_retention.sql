with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

bucket_lengths as (
    {% for days in var('rolling_bucket_days') -%}
    select cast({{ days }} as bigint) as bucket_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

customers_by_day as (
    select
        first_order_date,
        count(*) as customers
    from {{ ref('int_customer_segments') }}
    group by 1
),

-- A bucket is over on each day that is a whole number of buckets after the first order.
eligible as (
    select
        {{ period_start_of('month', 'customers_by_day.first_order_date') }} as cohort_month,
        bucket_lengths.bucket_days,
        {{ rolling_bucket(
            days_between('customers_by_day.first_order_date', 'dates.date_day'), 'bucket_lengths.bucket_days'
        ) }} - 1 as bucket,
        sum(customers_by_day.customers) as eligible_customers
    from customers_by_day
    cross join as_of
    cross join bucket_lengths
    inner join {{ ref('dim_dates') }} as dates
        on
            customers_by_day.first_order_date < dates.date_day
            and as_of.as_of_date >= dates.date_day
    where
        mod({{ days_between('customers_by_day.first_order_date', 'dates.date_day') }}, bucket_lengths.bucket_days) = 0
    group by 1, 2, 3
),

order_days as (
    select
        customers.first_order_date,
        order_days.order_date,
        order_days.previous_order_date,
        count(*) as customers
    from {{ ref('int_customer_order_days') }} as order_days
    cross join as_of
    inner join {{ ref('int_customer_segments') }} as customers
        on order_days.customer_id = customers.customer_id
    where order_days.order_date <= as_of.as_of_date
    group by 1, 2, 3
),

bucketed as (
    select
        order_days.first_order_date,
        order_days.customers,
        bucket_lengths.bucket_days,
        {{ rolling_bucket(
            days_between('order_days.first_order_date', 'order_days.order_date'), 'bucket_lengths.bucket_days'
        ) }} as bucket,
        {{ rolling_bucket(
            days_between('order_days.first_order_date', 'order_days.previous_order_date'), 'bucket_lengths.bucket_days'
        ) }} as previous_bucket
    from order_days
    cross join bucket_lengths
),

-- A customer counts once in a bucket: on its first day with an order.
active as (
    select
        {{ period_start_of('month', 'bucketed.first_order_date') }} as cohort_month,
        bucketed.bucket_days,
        bucketed.bucket,
        sum(bucketed.customers) as active_customers
    from bucketed
    cross join as_of
    where
        coalesce(bucketed.previous_bucket < bucketed.bucket, true)
        and {{ add_days('bucketed.first_order_date', '(bucketed.bucket + 1) * bucketed.bucket_days') }}
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
