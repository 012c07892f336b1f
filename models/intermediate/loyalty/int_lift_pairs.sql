{{ config(materialized='view') }}

-- The pairs that are compared as of as_of, and how much their customers had spent until then, measured by what is usual
-- by as_of.

with order_days as (
    select
        sum(order_days) as order_days,
        sum(net_sales) as net_sales
    from {{ ref('int_order_days_by_age') }}
),

later_refunds as (
    select coalesce(sum(returns), 0) as returns
    from {{ ref('int_later_refunds') }}
    where customer_id is not null
),

usual_day as (
    select
        {{ ratio('order_days.net_sales + later_refunds.returns', 'order_days.order_days') }} as net_sales
    from order_days
    cross join later_refunds
),

pairs as (
    select
        intervals.program_id,
        intervals.customer_id,
        intervals.opening_date,
        intervals.is_member,
        intervals.month_start,
        intervals.frequency_class,
        intervals.tenure_class,
        case
            when intervals.earlier_order_days = 0 then 'none'
            when intervals.earlier_net_sales >= intervals.earlier_order_days * usual_day.net_sales then 'above'
            else 'below'
        end as money_class,
        intervals.first_sales_channel,
        {{ lift_age_class('intervals.age_days') }} as age_class,
        intervals.days_before,
        intervals.days_after,
        intervals.interval_change,
        intervals.net_sales_before,
        intervals.net_sales_after
    from {{ ref('int_lift_intervals') }} as intervals
    cross join usual_day
    cross join {{ ref('int_as_of') }} as as_of
    where
        intervals.days_before <= {{ var('lift_window_days') }}
        and intervals.days_after <= {{ var('lift_window_days') }}
        -- Of pairs that begin late only the quick ones are complete.
        and {{ add_days('intervals.opening_date', var('lift_window_days')) }} <= as_of.as_of_date
)

select * from pairs
