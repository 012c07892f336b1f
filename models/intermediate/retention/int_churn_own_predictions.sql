{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['as_of_date', 'threshold_days', 'is_predicted_churned', 'is_predicted_at_risk', 'is_churned']
) }}

-- What the method customer_interval says of those whose own intervals tell: nobody else moves their thresholds.

with customers as (
    select
        as_of_date,
        idle_days,
        is_churned,
        cast(
            {{ churn_interval_threshold('own_median_days', var('churn_after_days')) }} as double
        ) as threshold_days,
        weight
    from {{ ref('int_churn_backtest_customers') }}
    where own_median_days is not null
),

counted as (
    select
        as_of_date,
        threshold_days,
        idle_days > threshold_days as is_predicted_churned,
        idle_days > {{ at_risk_interval_threshold('threshold_days') }} and idle_days <= threshold_days
            as is_predicted_at_risk,
        is_churned,
        cast({{ count_changes() }} as bigint) as customers
    from customers
    group by 1, 2, 3, 4, 5
)

select *
from counted
where customers <> 0
