{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['period_grain', 'cohort_start', 'period_number', 'segment_type', 'segment']
) }}

-- In which period each cohort's customers were active for the last time, by segment.

with customers as (
    select * from {{ ref('int_customer_changes') }}
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
        {{ count_changes(weight='customers.weight') }} as last_active_customers
    from customers
    inner join date_periods as cohort_periods
        on customers.first_order_date = cohort_periods.date_day
    inner join date_periods as last_periods
        on
            customers.last_order_date = last_periods.date_day
            and cohort_periods.period_grain = last_periods.period_grain
    group by 1, 2, 3, 4
),

by_segment as (
    select
        last_activity.period_grain,
        last_activity.cohort_start,
        last_activity.period_number,
        segments.segment_type,
        segments.segment,
        cast(sum(last_activity.last_active_customers) as bigint) as last_active_customers
    from last_activity
    inner join {{ ref('int_segments') }} as segments
        on last_activity.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4, 5
)

select * from by_segment
