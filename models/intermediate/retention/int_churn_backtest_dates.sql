{{ config(materialized='increment') }}

-- Days on which a prediction can be judged: the ends of calendar quarters by which somebody had
-- ordered and after which the window of churn has passed.

with customers as (
    select min(first_order_date) as first_order_date
    from {{ ref('int_customer_segments') }}
),

dates as (
    select
        date_day,
        quarter_end
    from {{ ref('dim_dates') }}
),

backtest_dates as (
    select dates.date_day as as_of_date
    from dates
    cross join {{ ref('int_as_of') }} as as_of
    cross join customers
    where
        dates.date_day = dates.quarter_end
        and dates.date_day >= customers.first_order_date
        and {{ add_days('dates.date_day', var('churn_after_days')) }} <= as_of.as_of_date
        and {{ is_touched('dates.date_day', ref('int_touched_churn_backtests'), key='as_of_date') }}
)

select * from backtest_dates
