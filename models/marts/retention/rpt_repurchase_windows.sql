with customers as (
    select
        {{ period_start_of('month', 'repurchases.first_order_date') }} as cohort_month,
        repurchases.window_days,
        repurchases.segment_type,
        repurchases.segment,
        repurchases.customers,
        repurchases.repurchased_customers,
        repurchases.repurchased_customers_distinct_days,
        {{ add_days('repurchases.first_order_date', 'repurchases.window_days') }} <= as_of.as_of_date as is_eligible
    from {{ ref('int_repurchases_by_day') }} as repurchases
    cross join {{ ref('int_as_of') }} as as_of
),

counted as (
    select
        cohort_month,
        window_days,
        segment_type,
        segment,
        cast(sum(customers) as bigint) as cohort_customers,
        cast(coalesce(sum(customers) filter (where is_eligible), 0) as bigint) as eligible_customers,
        cast(coalesce(sum(repurchased_customers) filter (where is_eligible), 0) as bigint) as repurchased_customers,
        cast(coalesce(sum(repurchased_customers_distinct_days) filter (where is_eligible), 0) as bigint)
            as repurchased_customers_distinct_days
    from customers
    group by 1, 2, 3, 4
),

rated as (
    select
        *,
        {{ is_sparse('eligible_customers') }} as is_sparse,
        {{ repurchase_rate('repurchased_customers', 'eligible_customers') }} as repurchase_rate,
        {{ wilson_interval('repurchased_customers', 'eligible_customers', 'lower') }} as repurchase_rate_lower,
        {{ wilson_interval('repurchased_customers', 'eligible_customers', 'upper') }} as repurchase_rate_upper,
        {{ repurchase_rate('repurchased_customers_distinct_days', 'eligible_customers') }}
            as repurchase_rate_distinct_days,
        {{ wilson_interval('repurchased_customers_distinct_days', 'eligible_customers', 'lower') }}
            as repurchase_rate_distinct_days_lower,
        {{ wilson_interval('repurchased_customers_distinct_days', 'eligible_customers', 'upper') }}
            as repurchase_rate_distinct_days_upper
    from counted
)

select * from rated
