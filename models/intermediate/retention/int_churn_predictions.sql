-- What each method says, by thresholds: of customers idle for equally long the same.

with customers as (
    select * from {{ ref('int_churn_idle_customers') }}
),

thresholds as (
    select * from {{ ref('int_churn_thresholds') }}
),

own_predictions as (
    select
        as_of_date,
        'customer_interval' as method,
        threshold_days,
        is_predicted_churned,
        is_predicted_at_risk,
        is_churned,
        customers
    from {{ ref('int_churn_own_predictions') }}
    where as_of_date in (select thresholds.as_of_date from thresholds)
),

predictions_by_threshold as (
    {%- for is_everybody in [true, false] %}
    select
        customers.as_of_date,
        thresholds.method,
        thresholds.churn_days as threshold_days,
        customers.idle_days > thresholds.churn_days as is_predicted_churned,
        customers.idle_days > thresholds.at_risk_days and customers.idle_days <= thresholds.churn_days
            as is_predicted_at_risk,
        customers.is_churned,
        customers.customers
    from customers
    inner join thresholds
        on
            customers.as_of_date = thresholds.as_of_date
            and {{
                'thresholds.fallback_sales_channel is null' if is_everybody
                else 'customers.fallback_sales_channel = thresholds.fallback_sales_channel'
            }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

all_predictions as (
    select * from own_predictions
    union all
    select * from predictions_by_threshold
),

counted as (
    select
        as_of_date,
        method,
        threshold_days,
        is_predicted_churned,
        is_predicted_at_risk,
        is_churned,
        cast(sum(customers) as bigint) as customers
    from all_predictions
    group by 1, 2, 3, 4, 5, 6
)

select * from counted
