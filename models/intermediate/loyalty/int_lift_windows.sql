-- What a naive comparison sees: orders in the window after enrolment, against those in the window after the
-- first order of customers who never enrolled.

with enrolments as (
    select
        spells.program_id,
        spells.customer_id,
        spells.enrolled_date as window_opens_after
    from {{ ref('int_membership_spells') }} as spells
    cross join {{ ref('int_as_of') }} as as_of
    where
        spells.spell_number = 1
        and spells.enrolled_date <= as_of.as_of_date
),

members as (
    select distinct customer_id
    from enrolments
),

others as (
    select
        cast(null as varchar) as program_id,
        customers.customer_id,
        customers.first_order_date as window_opens_after
    from {{ ref('dim_customers') }} as customers
    left join members
        on customers.customer_id = members.customer_id
    where
        members.customer_id is null
        and customers.first_order_date is not null
),

windows as (
    select * from enrolments
    union all
    select * from others
),

complete_windows as (
    select windows.*
    from windows
    cross join {{ ref('int_as_of') }} as as_of
    where {{ add_days('windows.window_opens_after', var('lift_window_days')) }} <= as_of.as_of_date
),

customers as (
    select
        complete_windows.program_id,
        complete_windows.customer_id,
        coalesce(sum(order_days.orders), 0) as orders,
        coalesce(sum(order_days.net_sales), 0) as net_sales
    from complete_windows
    left join {{ ref('int_customer_order_days') }} as order_days
        on
            complete_windows.customer_id = order_days.customer_id
            and complete_windows.window_opens_after < order_days.order_date
            and {{ add_days('complete_windows.window_opens_after', var('lift_window_days')) }}
            >= order_days.order_date
    group by 1, 2
),

sums as (
    select
        program_id,
        count(*) as customers,
        avg(cast(orders as double)) as orders_mean,
        avg(cast(net_sales as double)) as net_sales_mean,
        var_samp(cast(orders as double)) as orders_variance,
        var_samp(cast(net_sales as double)) as net_sales_variance
    from customers
    group by 1
)

select * from sums
