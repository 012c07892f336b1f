-- Churned is who has been idle for longer than most intervals in this shop ever lasted.

{{ config(materialized='increment') }}

with customers as (
    select * from {{ ref('int_churn_backtest_customers') }}
),

percentiles as (
    select
        as_of_date,
        percentile_cont({{ var('churn_percentile') }}) within group (order by interval_days) as churn_days,
        percentile_cont({{ var('at_risk_percentile') }}) within group (order by interval_days) as at_risk_days
    from {{ ref('int_churn_backtest_intervals') }}
    group by 1
),

thresholds as (
    select
        backtest_dates.as_of_date,
        coalesce(cast(percentiles.churn_days as double), {{ var('churn_after_days') }}) as churn_days,
        coalesce(cast(percentiles.at_risk_days as double), {{ var('at_risk_after_days') }}) as at_risk_days
    from {{ ref('int_churn_backtest_dates') }} as backtest_dates
    left join percentiles
        on backtest_dates.as_of_date = percentiles.as_of_date
),

predictions as (
    select
        customers.as_of_date,
        'shop_percentile' as method,
        customers.customer_id,
        thresholds.churn_days as threshold_days,
        customers.idle_days > thresholds.churn_days as is_predicted_churned,
        customers.idle_days > thresholds.at_risk_days and customers.idle_days <= thresholds.churn_days
            as is_predicted_at_risk
    from customers
    inner join thresholds
        on customers.as_of_date = thresholds.as_of_date
)

select * from predictions
