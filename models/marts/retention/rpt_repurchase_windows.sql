{#- Fixed, so that the figures of two shops, and of one shop in two years, can be laid side by side. -#}
{%- set windows = [30, 60, 90, 180, 360] -%}

with customers as (
    select
        customer_id,
        segment_combination,
        first_order_date,
        {{ period_start_of('month', 'first_order_date') }} as cohort_month
    from {{ ref('int_customer_segments') }}
),

segments as (
    select * from {{ ref('int_segments') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

second_orders as (
    select
        customer_id,
        order_date
    from {{ ref('fct_orders') }}
    where order_number = 2
),

second_order_days as (
    select
        customer_id,
        next_order_date as order_date
    from {{ ref('int_customer_order_days') }}
    where previous_order_date is null
),

windows as (
    {% for days in windows -%}
    select {{ days }} as window_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

customers_by_gap as (
    select
        customers.cohort_month,
        customers.segment_combination,
        {{ days_between('customers.first_order_date', 'as_of.as_of_date') }} as known_days,
        {{ days_between('customers.first_order_date', 'second_orders.order_date') }} as days_to_second_order,
        {{ days_between('customers.first_order_date', 'second_order_days.order_date') }} as days_to_second_order_day,
        count(*) as customers
    from customers
    cross join as_of
    left join second_orders
        on customers.customer_id = second_orders.customer_id
    left join second_order_days
        on customers.customer_id = second_order_days.customer_id
    group by 1, 2, 3, 4, 5
),

counted_by_combination as (
    select
        customers_by_gap.cohort_month,
        windows.window_days,
        customers_by_gap.segment_combination,
        sum(customers_by_gap.customers) as cohort_customers,
        sum(customers_by_gap.customers) filter (
            where windows.window_days <= customers_by_gap.known_days
        ) as eligible_customers,
        sum(customers_by_gap.customers) filter (
            where
            windows.window_days <= customers_by_gap.known_days
            and windows.window_days >= customers_by_gap.days_to_second_order
        ) as repurchased_customers,
        sum(customers_by_gap.customers) filter (
            where
            windows.window_days <= customers_by_gap.known_days
            and windows.window_days >= customers_by_gap.days_to_second_order_day
        ) as repurchased_customers_distinct_days
    from customers_by_gap
    cross join windows
    group by 1, 2, 3
),

counted as (
    select
        counted_by_combination.cohort_month,
        cast(counted_by_combination.window_days as bigint) as window_days,
        segments.segment_type,
        segments.segment,
        cast(sum(counted_by_combination.cohort_customers) as bigint) as cohort_customers,
        cast(coalesce(sum(counted_by_combination.eligible_customers), 0) as bigint) as eligible_customers,
        cast(coalesce(sum(counted_by_combination.repurchased_customers), 0) as bigint) as repurchased_customers,
        cast(coalesce(sum(counted_by_combination.repurchased_customers_distinct_days), 0) as bigint)
            as repurchased_customers_distinct_days
    from counted_by_combination
    inner join segments
        on counted_by_combination.segment_combination = segments.segment_combination
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
