{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'as_of_date': 'int_touched_churn_backtests'}}
) }}

-- depends_on: {{ ref('int_touched_churn_backtests') }}

with predictions as (
    select * from {{ ref('int_churn_predictions_fixed_window') }}
    union all
    select * from {{ ref('int_churn_predictions_shop_percentile') }}
    union all
    select * from {{ ref('int_churn_predictions_customer_interval') }}
),

customers as (
    select * from {{ ref('int_churn_backtest_customers') }}
),

judged as (
    select
        predictions.as_of_date,
        predictions.method,
        count(*) as customers,
        count(*) filter (where predictions.is_predicted_churned) as predicted_churned,
        count(*) filter (where predictions.is_predicted_at_risk) as predicted_at_risk,
        count(*) filter (where customers.is_churned) as churned,
        count(*) filter (where predictions.is_predicted_churned and customers.is_churned) as true_positives,
        percentile_cont(0.5) within group (order by predictions.threshold_days) as threshold_days
    from predictions
    inner join customers
        on
            predictions.as_of_date = customers.as_of_date
            and predictions.customer_id = customers.customer_id
    group by 1, 2
),

typed as (
    select
        as_of_date,
        method,
        cast(customers as bigint) as customers,
        cast(predicted_churned as bigint) as predicted_churned,
        cast(predicted_at_risk as bigint) as predicted_at_risk,
        cast(churned as bigint) as churned,
        cast(true_positives as bigint) as true_positives,
        cast(threshold_days as double) as threshold_days
    from judged
),

rated as (
    select
        *,
        {{ prediction_precision('true_positives', 'predicted_churned') }} as precision,
        {{ prediction_recall('true_positives', 'churned') }} as recall,
        {{ prediction_accuracy('customers - predicted_churned - churned + 2 * true_positives', 'customers') }}
            as accuracy,
        {{ churn_rate('predicted_churned', 'customers') }} as predicted_churn_rate,
        {{ churn_rate('churned', 'customers') }} as churn_rate,
        {{ prediction_calibration('predicted_churned', 'churned') }} as calibration
    from typed
)

select * from rated
