{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['period_grain', 'moved_date', 'order_date', 'state_after_order']
) }}

-- Customers whom time alone moved on, to at risk or churned, in a period without an order of theirs, by the day of
-- the move. Days to come are here too. What state that makes on as_of is for the reader to say.

with order_days as (
    select
        order_date,
        next_order_date,
        state_after_order,
        {{ count_changes() }} as customers
    from {{ ref('int_order_day_changes') }}
    where coalesce(next_order_date > {{ at_risk_date('order_date') }}, true)
    group by 1, 2, 3
),

moved as (
    select
        order_date,
        next_order_date,
        state_after_order,
        {{ at_risk_date('order_date') }} as moved_date,
        customers
    from order_days
    where customers <> 0 and {{ at_risk_date('order_date') }} < {{ churn_date('order_date') }}
    union all
    select
        order_date,
        next_order_date,
        state_after_order,
        {{ churn_date('order_date') }} as moved_date,
        customers
    from order_days
    where customers <> 0 and coalesce(next_order_date > {{ churn_date('order_date') }}, true)
),

-- By period_start_of, since the day may lie beyond dim_dates.
without_an_order as (
    {%- for grain in var('period_grains') %}
    select
        '{{ grain }}' as period_grain,
        moved_date,
        order_date,
        state_after_order,
        customers
    from moved
    where
        order_date < {{ period_start_of(grain, 'moved_date') }}
        and coalesce({{ period_start_of(grain, 'next_order_date') }} > {{ period_start_of(grain, 'moved_date') }}, true)
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

aged_by_day as (
    select
        period_grain,
        moved_date,
        order_date,
        state_after_order,
        cast(sum(customers) as bigint) as customers
    from without_an_order
    group by 1, 2, 3, 4
    having sum(customers) <> 0
)

select * from aged_by_day
