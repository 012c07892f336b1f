{{ config(materialized='increment', meta={'is_table': true}) }}

-- What a method may know on a day (how long each customer has been idle) and what it must say (who
-- placed no order within the window after it).

with order_days as (
    select * from {{ ref('int_customer_order_days') }}
),

backtest_dates as (
    select * from {{ ref('int_churn_backtest_dates') }}
),

customers as (
    select
        backtest_dates.as_of_date,
        order_days.customer_id,
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
)

select * from customers
