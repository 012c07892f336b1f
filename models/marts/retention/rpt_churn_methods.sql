with predictions as (
    select * from {{ ref('int_churn_predictions') }}
),

customers_by_threshold as (
    select
        as_of_date,
        method,
        threshold_days,
        sum(customers) as customers,
        coalesce(sum(customers) filter (where is_predicted_churned), 0) as predicted_churned,
        coalesce(sum(customers) filter (where is_predicted_at_risk), 0) as predicted_at_risk,
        coalesce(sum(customers) filter (where is_churned), 0) as churned,
        coalesce(sum(customers) filter (where is_predicted_churned and is_churned), 0) as true_positives
    from predictions
    group by 1, 2, 3
),

ranked as (
    select
        *,
        sum(customers) over (
            partition by as_of_date, method
            order by threshold_days
            rows between unbounded preceding and current row
        ) as customers_to_threshold,
        sum(customers) over (partition by as_of_date, method) as all_customers
    from customers_by_threshold
),

judged as (
    select
        as_of_date,
        method,
        sum(customers) as customers,
        sum(predicted_churned) as predicted_churned,
        sum(predicted_at_risk) as predicted_at_risk,
        sum(churned) as churned,
        sum(true_positives) as true_positives,
        {{ percentile_of_counts(0.5, 'threshold_days', 'customers_to_threshold', 'all_customers') }} as threshold_days
    from ranked
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
