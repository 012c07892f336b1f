{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['segment_type', 'segment', 'order_number', 'days_since_previous_order']
) }}

-- Orders by number and by the days that it took since the one before, by segment: how many customers got so far.

with orders as (
    select
        customer_id,
        order_number,
        {{ days_between('previous_order_date', 'order_date') }} as days_since_previous_order,
        weight
    from {{ ref('int_order_changes_as_of') }}
),

customers as (
    select * from {{ ref('int_customer_changes') }}
),

counted_by_combination as (
    select
        customers.segment_combination,
        orders.order_number,
        orders.days_since_previous_order,
        {{ count_changes(weight='orders.weight') }} as customers
    from orders
    inner join customers
        on
            orders.customer_id = customers.customer_id
            and {{ 'orders.weight = customers.weight' if is_batch() else 'true' }}
    group by 1, 2, 3
),

counted as (
    select
        segments.segment_type,
        segments.segment,
        counted_by_combination.order_number,
        counted_by_combination.days_since_previous_order,
        cast(sum(counted_by_combination.customers) as bigint) as customers
    from counted_by_combination
    inner join {{ ref('int_segments') }} as segments
        on counted_by_combination.segment_combination = segments.segment_combination
    where counted_by_combination.customers <> 0
    group by 1, 2, 3, 4
    having sum(counted_by_combination.customers) <> 0
)

select * from counted
