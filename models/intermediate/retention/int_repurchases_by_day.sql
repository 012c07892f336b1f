{#- Fixed, so that the figures of two shops, and of one shop in two years, can be laid side by side. -#}
{%- set windows = [30, 60, 90, 180, 360] -%}

{{ config(materialized='incremental', incremental_strategy='changes') }}

-- Customers by the day of their first order, and who of them came back within each window; whether the window is over is
-- for the reader to say.

with first_days as (
    select
        segment_combination,
        first_order_date,
        case
            when orders > 1 then 0
            else {{ days_between('first_order_date', 'next_order_date') }}
        end as days_to_second_order,
        {{ days_between('first_order_date', 'next_order_date') }} as days_to_second_order_day,
        weight
    from {{ ref('int_order_day_changes') }}
    where previous_order_date is null
),

customers_by_gap as (
    select
        segment_combination,
        first_order_date,
        days_to_second_order,
        days_to_second_order_day,
        {{ count_changes() }} as customers
    from first_days
    group by 1, 2, 3, 4
),

windows as (
    {% for days in windows -%}
    select cast({{ days }} as bigint) as window_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted_by_combination as (
    select
        customers_by_gap.segment_combination,
        customers_by_gap.first_order_date,
        windows.window_days,
        sum(customers_by_gap.customers) as customers,
        coalesce(sum(customers_by_gap.customers) filter (
            where windows.window_days >= customers_by_gap.days_to_second_order
        ), 0) as repurchased_customers,
        coalesce(sum(customers_by_gap.customers) filter (
            where windows.window_days >= customers_by_gap.days_to_second_order_day
        ), 0) as repurchased_customers_distinct_days
    from customers_by_gap
    cross join windows
    where customers_by_gap.customers <> 0
    group by 1, 2, 3
),

counted as (
    select
        segments.segment_type,
        segments.segment,
        counted_by_combination.first_order_date,
        counted_by_combination.window_days,
        cast(sum(counted_by_combination.customers) as bigint) as customers,
        cast(sum(counted_by_combination.repurchased_customers) as bigint) as repurchased_customers,
        cast(sum(counted_by_combination.repurchased_customers_distinct_days) as bigint)
            as repurchased_customers_distinct_days
    from counted_by_combination
    inner join {{ ref('int_segments') }} as segments
        on counted_by_combination.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4
)

select *
from counted
where customers <> 0 or repurchased_customers <> 0 or repurchased_customers_distinct_days <> 0
