with customers_by_days as (
    select * from {{ ref('int_orders_by_number') }}
),

ranked as (
    select
        *,
        sum(customers) over (
            partition by order_number, segment_type, segment
            order by days_since_previous_order
            rows between unbounded preceding and current row
        ) as customers_to_days,
        sum(customers) over (
            partition by order_number, segment_type, segment
        ) as customers_of_rung
    from customers_by_days
),

-- A rung is reached by an order; the days that it took belong to the rung before.
rungs as (
    select
        order_number,
        segment_type,
        segment,
        sum(customers) as customers,
        {{ percentile_of_counts(0.25, 'days_since_previous_order', 'customers_to_days', 'customers_of_rung') }}
            as days_p25,
        {{ percentile_of_counts(0.5, 'days_since_previous_order', 'customers_to_days', 'customers_of_rung') }}
            as days_median,
        {{ percentile_of_counts(0.75, 'days_since_previous_order', 'customers_to_days', 'customers_of_rung') }}
            as days_p75
    from ranked
    group by 1, 2, 3
),

ladder as (
    select
        rungs.order_number,
        rungs.segment_type,
        rungs.segment,
        cast(rungs.customers as bigint) as customers,
        cast(coalesce(next_rungs.customers, 0) as bigint) as next_customers,
        cast(next_rungs.days_p25 as double) as days_to_next_p25,
        cast(next_rungs.days_median as double) as days_to_next_median,
        cast(next_rungs.days_p75 as double) as days_to_next_p75
    from rungs
    left join rungs as next_rungs
        on
            rungs.order_number + 1 = next_rungs.order_number
            and rungs.segment_type = next_rungs.segment_type
            and rungs.segment = next_rungs.segment
),

rated as (
    select
        *,
        {{ is_sparse('customers') }} as is_sparse,
        {{ next_order_rate('next_customers', 'customers') }} as next_order_rate,
        {{ wilson_interval('next_customers', 'customers', 'lower') }} as next_order_rate_lower,
        {{ wilson_interval('next_customers', 'customers', 'upper') }} as next_order_rate_upper
    from ladder
)

select * from rated
