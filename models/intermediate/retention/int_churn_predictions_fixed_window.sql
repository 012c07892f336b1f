-- The rule of the reports: one window for everybody.

{{ config(materialized='increment') }}

with customers as (
    select * from {{ ref('int_churn_backtest_customers') }}
),

predictions as (
    select
        as_of_date,
        'fixed_window' as method,
        customer_id,
        cast({{ var('churn_after_days') }} as double) as threshold_days,
        idle_days > {{ var('churn_after_days') }} as is_predicted_churned,
        idle_days > {{ var('at_risk_after_days') }} and idle_days <= {{ var('churn_after_days') }}
            as is_predicted_at_risk
    from customers
)

select * from predictions
