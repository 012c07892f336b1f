-- In which period each cohort's customers were active for the last time, by combination of segments.

with customers as (
    select * from {{ ref('int_customer_segments') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

last_activity as (
    select
        cohort_periods.period_grain,
        cohort_periods.period_start as cohort_start,
        last_periods.period_index - cohort_periods.period_index as period_number,
        customers.segment_combination,
        count(*) as last_active_customers
    from customers
    inner join date_periods as cohort_periods
        on customers.first_order_date = cohort_periods.date_day
    inner join date_periods as last_periods
        on
            customers.last_order_date = last_periods.date_day
            and cohort_periods.period_grain = last_periods.period_grain
    group by 1, 2, 3, 4
)

select * from last_activity
