{#- Of so few intervals a median says nothing. No var: a shop would learn nothing by turning it. -#}
{%- set fewest_channel_intervals = 30 -%}

-- The thresholds that are the same for many customers. shop_percentile: churned is who has been idle for longer than
-- most intervals in this shop ever lasted. customer_interval, where the customer's own interval is not known: the
-- usual one of the customers of the same channel, else of the shop.

with customers as (
    select distinct
        as_of_date,
        fallback_sales_channel
    from {{ ref('int_churn_idle_customers') }}
),

backtest_dates as (
    select distinct customers.as_of_date
    from customers
    cross join {{ ref('int_as_of') }} as as_of
    where {{ add_days('customers.as_of_date', var('churn_after_days')) }} <= as_of.as_of_date
),

intervals as (
    select * from {{ ref('int_churn_intervals') }}
),

intervals_of_channels as (
    select
        backtest_dates.as_of_date,
        intervals.first_sales_channel,
        intervals.interval_days,
        sum(intervals.intervals) as intervals
    from backtest_dates
    inner join intervals
        on backtest_dates.as_of_date >= intervals.quarter_end
    group by 1, 2, 3
),

intervals_of_shop as (
    select
        as_of_date,
        interval_days,
        sum(intervals) as intervals
    from intervals_of_channels
    group by 1, 2
),

ranked_of_channels as (
    select
        *,
        sum(intervals) over (
            partition by as_of_date, first_sales_channel
            order by interval_days
            rows between unbounded preceding and current row
        ) as intervals_to_days,
        sum(intervals) over (
            partition by as_of_date, first_sales_channel
        ) as all_intervals
    from intervals_of_channels
),

ranked_of_shop as (
    select
        *,
        sum(intervals) over (
            partition by as_of_date
            order by interval_days
            rows between unbounded preceding and current row
        ) as intervals_to_days,
        sum(intervals) over (partition by as_of_date) as all_intervals
    from intervals_of_shop
),

channel_medians as (
    select
        as_of_date,
        first_sales_channel,
        {{ percentile_of_counts(0.5, 'interval_days', 'intervals_to_days', 'all_intervals') }} as median_days
    from ranked_of_channels
    where all_intervals >= {{ fewest_channel_intervals }}
    group by 1, 2
),

shop_percentiles as (
    select
        as_of_date,
        {{ percentile_of_counts(0.5, 'interval_days', 'intervals_to_days', 'all_intervals') }} as median_days,
        {{ percentile_of_counts(
            var('churn_percentile'), 'interval_days', 'intervals_to_days', 'all_intervals'
        ) }} as churn_days,
        {{ percentile_of_counts(
            var('at_risk_percentile'), 'interval_days', 'intervals_to_days', 'all_intervals'
        ) }} as at_risk_days
    from ranked_of_shop
    group by 1
),

fallbacks as (
    select
        customers.as_of_date,
        customers.fallback_sales_channel,
        cast({{ churn_interval_threshold(
            'coalesce(channel_medians.median_days, shop_percentiles.median_days)',
            var('churn_after_days')
        ) }} as double) as churn_days
    from customers
    inner join backtest_dates
        on customers.as_of_date = backtest_dates.as_of_date
    left join channel_medians
        on
            customers.as_of_date = channel_medians.as_of_date
            and customers.fallback_sales_channel = channel_medians.first_sales_channel
    left join shop_percentiles
        on customers.as_of_date = shop_percentiles.as_of_date
    where customers.fallback_sales_channel is not null
),

thresholds as (
    select
        as_of_date,
        'fixed_window' as method,
        cast(null as {{ dbt.type_string() }}) as fallback_sales_channel,
        cast({{ var('churn_after_days') }} as double) as churn_days,
        cast({{ var('at_risk_after_days') }} as double) as at_risk_days
    from backtest_dates
    union all
    select
        backtest_dates.as_of_date,
        'shop_percentile' as method,
        cast(null as {{ dbt.type_string() }}) as fallback_sales_channel,
        coalesce(cast(shop_percentiles.churn_days as double), {{ var('churn_after_days') }}) as churn_days,
        coalesce(cast(shop_percentiles.at_risk_days as double), {{ var('at_risk_after_days') }}) as at_risk_days
    from backtest_dates
    left join shop_percentiles
        on backtest_dates.as_of_date = shop_percentiles.as_of_date
    union all
    select
        as_of_date,
        'customer_interval' as method,
        fallback_sales_channel,
        churn_days,
        cast({{ at_risk_interval_threshold('churn_days') }} as double) as at_risk_days
    from fallbacks
)

select * from thresholds
