-- What a naive comparison sees: orders in the window after enrolment, against those in the window after the
-- first order of customers who never enrolled.

with customers as (
    select windows.*
    from {{ ref('int_lift_window_orders') }} as windows
    cross join {{ ref('int_as_of') }} as as_of
    where {{ add_days('windows.window_opens_after', var('lift_window_days')) }} <= as_of.as_of_date
),

sums as (
    select
        program_id,
        count(*) as customers,
        avg(cast(orders as double)) as orders_mean,
        avg(net_sales) as net_sales_mean,
        var_samp(cast(orders as double)) as orders_variance,
        var_samp(net_sales) as net_sales_variance
    from customers
    group by 1
)

select * from sums
