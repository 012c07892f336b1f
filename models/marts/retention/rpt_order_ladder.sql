with orders as (
    select
        orders.customer_id,
        orders.order_number,
        orders.days_since_previous_order
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    where orders.order_number is not null and orders.order_date <= as_of.as_of_date
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

segments as (
    select * from {{ ref('int_segments') }}
),

-- A rung is reached by an order; the days that it took belong to the rung before.
rungs as (
    select
        orders.order_number,
        segments.segment_type,
        segments.segment,
        count(*) as customers,
        percentile_cont(0.25) within group (order by orders.days_since_previous_order) as days_p25,
        percentile_cont(0.5) within group (order by orders.days_since_previous_order) as days_median,
        percentile_cont(0.75) within group (order by orders.days_since_previous_order) as days_p75
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    inner join segments
        on customers.segment_combination = segments.segment_combination
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
