{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_lift_customers'}}
) }}

-- What customers ordered in the window after enrolment and, where they never enrolled, after their first order. Windows
-- that as_of has not come to the end of are here too. Who enrols after as_of is counted again in each run.

with enrolments as (
    select
        program_id,
        customer_id,
        enrolled_date as window_opens_after
    from {{ ref('int_membership_spells') }}
    where
        spell_number = 1
        and {{ is_touched('customer_id', ref('int_batch_lift_customers')) }}
),

members as (
    select distinct enrolments.customer_id
    from enrolments
    cross join {{ ref('int_as_of') }} as as_of
    where enrolments.window_opens_after <= as_of.as_of_date
),

others as (
    select
        cast(null as {{ dbt.type_string() }}) as program_id,
        customers.customer_id,
        customers.first_order_date as window_opens_after
    from {{ ref('dim_customers') }} as customers
    left join members
        on customers.customer_id = members.customer_id
    where
        members.customer_id is null
        and customers.first_order_date is not null
        and {{ is_touched('customers.customer_id', ref('int_batch_lift_customers')) }}
),

windows as (
    select * from enrolments
    union all
    select * from others
),

later_refunds as (
    select
        customer_id,
        order_date,
        returns
    from {{ ref('int_later_refund_changes') }}
    where weight = 1
),

order_days as (
    select
        order_days.customer_id,
        order_days.order_date,
        order_days.orders,
        order_days.net_sales + coalesce(later_refunds.returns, 0) as net_sales
    from {{ ref('int_batch_order_days') }} as order_days
    left join later_refunds
        on
            order_days.customer_id = later_refunds.customer_id
            and order_days.order_date = later_refunds.order_date
),

window_orders as (
    select
        windows.program_id,
        windows.customer_id,
        windows.window_opens_after,
        cast(coalesce(sum(order_days.orders), 0) as bigint) as orders,
        cast(coalesce(sum(order_days.net_sales), 0) as double) as net_sales
    from windows
    left join order_days
        on
            windows.customer_id = order_days.customer_id
            and windows.window_opens_after < order_days.order_date
            and {{ add_days('windows.window_opens_after', var('lift_window_days')) }} >= order_days.order_date
    group by 1, 2, 3
)

select * from window_orders
