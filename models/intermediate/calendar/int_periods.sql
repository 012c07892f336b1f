with first_counted_order as (
    select min(order_date) as first_order_date
    from {{ ref('fct_orders') }}
    where is_counted
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

periods as (
    select distinct
        date_periods.period_grain,
        date_periods.period_start,
        date_periods.period_end,
        date_periods.period_index,
        date_periods.period_end <= as_of.as_of_date as is_complete
    from date_periods
    cross join as_of
    inner join first_counted_order
        on
            date_periods.date_day >= first_counted_order.first_order_date
            and date_periods.date_day <= as_of.as_of_date
)

select * from periods
