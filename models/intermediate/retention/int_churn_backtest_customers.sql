{#- Of so few intervals a median says nothing. No var: a shop would learn nothing by turning it. -#}
{%- set fewest_own_intervals = 3 -%}

{{ config(materialized='increment', meta={'is_table': true}) }}

-- What a method may know on a day (how long each customer has been idle, and the customer's usual interval) and what
-- it must say (who placed no order within the window after it). On a new day of all customers; on a day
-- that was judged before, of touched ones alone, as they are now and as they were.

-- depends_on: {{ ref('int_batch_order_days_before') }}
-- depends_on: {{ ref('int_first_channel_changes') }}
-- depends_on: {{ ref('int_touched_customers') }}

with backtest_dates as (
    select * from {{ ref('int_churn_backtest_dates') }}
),

new_dates as (
    select max(as_of_date) as as_of_date from backtest_dates
    where is_new
),

order_days as (
    select
        customer_id,
        order_date,
        previous_order_date,
        order_date_before_previous,
        next_order_date,
        true as is_new,
        cast(1 as bigint) as weight
    from {{ ref('int_customer_order_days') }}
    where order_date <= (select new_dates.as_of_date from new_dates)
    {%- if is_batch() %}
    union all
    select
        customer_id,
        order_date,
        previous_order_date,
        order_date_before_previous,
        next_order_date,
        false as is_new,
        cast(1 as bigint) as weight
    from {{ ref('int_customer_order_days') }}
    where customer_id in (select customer_id from {{ ref('int_touched_customers') }})
    union all
    select
        customer_id,
        order_date,
        previous_order_date,
        order_date_before_previous,
        next_order_date,
        false as is_new,
        cast(-1 as bigint) as weight
    from {{ ref('int_batch_order_days_before') }}
    where customer_id in (select customer_id from {{ ref('int_touched_customers') }})
    {%- endif %}
),

channels as (
    select
        customer_id,
        coalesce(first_sales_channel, 'unknown') as first_sales_channel,
        true as is_new,
        cast(1 as bigint) as weight
    from {{ ref('dim_customers') }}
    {%- if is_batch() %}
    union all
    select
        customer_id,
        first_sales_channel,
        false as is_new,
        weight
    from {{ ref('int_first_channel_changes') }}
    {%- endif %}
),

latest_order_days as (
    select
        backtest_dates.as_of_date,
        order_days.customer_id,
        order_days.order_date,
        order_days.is_new,
        order_days.weight,
        {{ days_between('order_days.order_date', 'backtest_dates.as_of_date') }} as idle_days,
        coalesce(
            order_days.next_order_date > {{ add_days('backtest_dates.as_of_date', var('churn_after_days')) }},
            true
        ) as is_churned
    from order_days
    inner join backtest_dates
        on
            order_days.order_date <= backtest_dates.as_of_date
            and coalesce(order_days.next_order_date > backtest_dates.as_of_date, true)
            and order_days.is_new = backtest_dates.is_new
),

-- The first day that judges an order day, unless another comes before. A pass of its own: latest_order_days, read
-- twice, would be kept in memory, a row for each customer and day.
first_backtest_dates as (
    select
        dates.date_day,
        backtest_dates.is_new,
        min(backtest_dates.as_of_date) as as_of_date
    from {{ ref('dim_dates') }} as dates
    inner join backtest_dates
        on dates.date_day <= backtest_dates.as_of_date
    group by 1, 2
),

-- On all days up to the next order the intervals are the same; with two of them there is no median to look for.
ends_of_intervals as (
    select
        order_days.customer_id,
        order_days.order_date,
        order_days.is_new,
        order_days.weight
    from order_days
    inner join first_backtest_dates
        on
            order_days.order_date = first_backtest_dates.date_day
            and order_days.is_new = first_backtest_dates.is_new
    where
        order_days.order_date_before_previous is not null
        and coalesce(order_days.next_order_date > first_backtest_dates.as_of_date, true)
),

own_medians as (
    select
        ends_of_intervals.customer_id,
        ends_of_intervals.order_date,
        ends_of_intervals.is_new,
        ends_of_intervals.weight,
        percentile_cont(0.5) within group (
            order by {{ days_between('order_days.previous_order_date', 'order_days.order_date') }}
        ) as median_days
    from ends_of_intervals
    inner join order_days
        on
            ends_of_intervals.customer_id = order_days.customer_id
            and ends_of_intervals.is_new = order_days.is_new
            and ends_of_intervals.weight = order_days.weight
            and ends_of_intervals.order_date >= order_days.order_date
    where order_days.previous_order_date is not null
    group by 1, 2, 3, 4
    having count(*) >= {{ fewest_own_intervals }}
),

customers as (
    select
        latest_order_days.as_of_date,
        latest_order_days.customer_id,
        channels.first_sales_channel,
        latest_order_days.idle_days,
        latest_order_days.is_churned,
        own_medians.median_days as own_median_days,
        latest_order_days.weight
    from latest_order_days
    inner join channels
        on
            latest_order_days.customer_id = channels.customer_id
            and latest_order_days.is_new = channels.is_new
            and latest_order_days.weight = channels.weight
    left join own_medians
        on
            latest_order_days.customer_id = own_medians.customer_id
            and latest_order_days.order_date = own_medians.order_date
            and latest_order_days.is_new = own_medians.is_new
            and latest_order_days.weight = own_medians.weight
)

select * from customers
