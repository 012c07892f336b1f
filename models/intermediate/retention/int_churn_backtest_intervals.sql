-- The intervals between order days that were complete on a day. A day's own are kept once and joined
-- to all the days after it.

{{ config(materialized='increment') }}

with intervals as (
    select
        customer_id,
        order_date,
        {{ days_between('previous_order_date', 'order_date') }} as interval_days
    from {{ ref('int_customer_order_days') }}
    where previous_order_date is not null
),

backtest_dates as (
    select * from {{ ref('int_churn_backtest_dates') }}
),

completed as (
    select
        backtest_dates.as_of_date,
        intervals.customer_id,
        intervals.interval_days
    from intervals
    inner join backtest_dates
        on intervals.order_date <= backtest_dates.as_of_date
)

select * from completed
