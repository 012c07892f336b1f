{{ config(materialized='increment') }}

-- Days on which a prediction can be judged: the ends of calendar quarters by which somebody had
-- ordered and after which the window of churn has passed. A day that has been judged once is kept up to date
-- even where as_of no longer lets it be judged: as_of may come back to it.

-- depends_on: {{ ref('int_touched_customers') }}

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

judged_dates as (
    {%- if is_batch() %}
    select distinct as_of_date from {{ as_it_stood('int_churn_idle_customers') }}
    {%- else %}
    select as_of_date from {{ ref('int_as_of') }}
    where false
    {%- endif %}
),

backtest_dates as (
    select
        dates.date_day as as_of_date,
        true as is_new
    from dates
    cross join {{ ref('int_as_of') }} as as_of
    cross join customers
    where
        dates.date_day = dates.quarter_end
        and dates.date_day >= customers.first_order_date
        and {{ add_days('dates.date_day', var('churn_after_days')) }} <= as_of.as_of_date
        and dates.date_day not in (select judged_dates.as_of_date from judged_dates)
    union all
    select
        as_of_date,
        false as is_new
    from judged_dates
)

select * from backtest_dates
