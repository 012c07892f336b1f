{#- Fixed, so that the figures of two shops, and of one shop in two years, can be laid side by side. -#}
{%- set windows = [30, 60, 90, 180, 360] -%}

{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['segment_type', 'segment', 'first_order_date', 'window_days']
) }}

-- Customers by the day of their first order, and who of them came back within each window; whether the window is
-- over is for the reader to say.

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

-- The shortest window that holds the second order: days themselves would be many more groups.
customers_by_window as (
    select
        segment_combination,
        first_order_date,
        case
            {%- for days in windows %}
            when days_to_second_order <= {{ days }} then {{ days }}
            {%- endfor %}
        end as second_order_window,
        case
            {%- for days in windows %}
            when days_to_second_order_day <= {{ days }} then {{ days }}
            {%- endfor %}
        end as second_order_day_window,
        {{ count_changes() }} as customers
    from first_days
    group by 1, 2, 3, 4
),

customers_by_segment as (
    select
        segments.segment_type,
        segments.segment,
        customers_by_window.first_order_date,
        customers_by_window.second_order_window,
        customers_by_window.second_order_day_window,
        sum(customers_by_window.customers) as customers
    from customers_by_window
    inner join {{ ref('int_segments') }} as segments
        on customers_by_window.segment_combination = segments.segment_combination
    where customers_by_window.customers <> 0
    group by 1, 2, 3, 4, 5
),

windows as (
    {% for days in windows -%}
    select cast({{ days }} as bigint) as window_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        customers_by_segment.segment_type,
        customers_by_segment.segment,
        customers_by_segment.first_order_date,
        windows.window_days,
        cast(sum(customers_by_segment.customers) as bigint) as customers,
        cast(coalesce(sum(customers_by_segment.customers) filter (
            where windows.window_days >= customers_by_segment.second_order_window
        ), 0) as bigint) as repurchased_customers,
        cast(coalesce(sum(customers_by_segment.customers) filter (
            where windows.window_days >= customers_by_segment.second_order_day_window
        ), 0) as bigint) as repurchased_customers_distinct_days
    from customers_by_segment
    cross join windows
    group by 1, 2, 3, 4
)

select *
from counted
where customers <> 0 or repurchased_customers <> 0 or repurchased_customers_distinct_days <> 0
