-- Open customers with a churn day in the period, once each.

with customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

churn_days as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        churned_customers.customer_id,
        churned_customers.last_order_date
    from {{ ref('int_churned_customers') }} as churned_customers
    inner join {{ ref('int_date_periods') }} as date_periods
        on churned_customers.churn_date = date_periods.date_day
),

open_and_churned as (
    -- Ordered before the period and churned in it: was open at its start.
    select
        period_grain,
        period_start,
        customer_id
    from churn_days
    where last_order_date < period_start

    union distinct

    -- Ordered in the period and churned in it, which takes a period longer than the window:
    -- open at its start or not, as the last order before it says.
    select
        churn_days.period_grain,
        churn_days.period_start,
        churn_days.customer_id
    from churn_days
    inner join customer_periods
        on
            churn_days.period_grain = customer_periods.period_grain
            and churn_days.period_start = customer_periods.period_start
            and churn_days.customer_id = customer_periods.customer_id
    where
        churn_days.last_order_date >= churn_days.period_start
        and {{ churn_date('customer_periods.previous_order_date') }} >= churn_days.period_start
),

churned as (
    select
        open_and_churned.period_grain,
        open_and_churned.period_start,
        customers.segment_combination,
        count(*) as churned_customers
    from open_and_churned
    inner join customers
        on open_and_churned.customer_id = customers.customer_id
    group by 1, 2, 3
)

select * from churned
