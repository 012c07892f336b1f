{#- Of so few intervals a median says nothing. No vars: a shop would learn nothing by turning them. -#}
{%- set fewest_own_intervals = 3 -%}
{%- set fewest_channel_intervals = 30 -%}

-- Churned is who has been idle for several times the customer's own usual interval; where that is
-- not known, the usual one of the customers of the same channel, else of the shop.

{{ config(materialized='increment') }}

with customers as (
    select * from {{ ref('int_churn_backtest_customers') }}
),

intervals as (
    select * from {{ ref('int_churn_backtest_intervals') }}
),

channels as (
    select
        customer_id,
        coalesce(first_sales_channel, 'unknown') as first_sales_channel
    from {{ ref('dim_customers') }}
),

own_medians as (
    select
        as_of_date,
        customer_id,
        percentile_cont(0.5) within group (order by interval_days) as median_days
    from intervals
    group by 1, 2
    having count(*) >= {{ fewest_own_intervals }}
),

channel_medians as (
    select
        intervals.as_of_date,
        channels.first_sales_channel,
        percentile_cont(0.5) within group (order by intervals.interval_days) as median_days
    from intervals
    inner join channels
        on intervals.customer_id = channels.customer_id
    group by 1, 2
    having count(*) >= {{ fewest_channel_intervals }}
),

shop_medians as (
    select
        as_of_date,
        percentile_cont(0.5) within group (order by interval_days) as median_days
    from intervals
    group by 1
),

thresholds as (
    select
        customers.as_of_date,
        customers.customer_id,
        customers.idle_days,
        cast({{ churn_interval_threshold(
            'coalesce(own_medians.median_days, channel_medians.median_days, shop_medians.median_days)',
            var('churn_after_days')
        ) }} as double) as threshold_days
    from customers
    inner join channels
        on customers.customer_id = channels.customer_id
    left join own_medians
        on
            customers.as_of_date = own_medians.as_of_date
            and customers.customer_id = own_medians.customer_id
    left join channel_medians
        on
            customers.as_of_date = channel_medians.as_of_date
            and channels.first_sales_channel = channel_medians.first_sales_channel
    left join shop_medians
        on customers.as_of_date = shop_medians.as_of_date
),

predictions as (
    select
        as_of_date,
        'customer_interval' as method,
        customer_id,
        threshold_days,
        idle_days > threshold_days as is_predicted_churned,
        idle_days > {{ at_risk_interval_threshold('threshold_days') }} and idle_days <= threshold_days
            as is_predicted_at_risk
    from thresholds
)

select * from predictions
