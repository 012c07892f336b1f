{{ config(materialized='increment') }}

-- The classes say how the customer had bought until the first interval begins. Nothing of the intervals that will be
-- compared is in them: matched on these, members and others would fall back to different means afterwards.

with order_days as (
    select
        order_days.customer_id,
        order_days.order_date,
        order_days.net_sales
    from {{ ref('int_batch_order_days') }} as order_days
    cross join {{ ref('int_as_of') }} as as_of
    where order_days.order_date <= as_of.as_of_date
),

customers as (
    select
        customer_id,
        first_order_date,
        coalesce(first_sales_channel, 'unknown') as first_sales_channel
    from {{ ref('dim_customers') }}
),

dates as (
    select
        date_day,
        month_start
    from {{ ref('dim_dates') }}
),

neighbours as (
    select
        *,
        lead(order_date, 1) over customer_days as second_order_date,
        lead(order_date, 2) over customer_days as third_order_date,
        lead(order_date, 3) over customer_days as fourth_order_date,
        lead(net_sales, 2) over customer_days as third_net_sales,
        lead(net_sales, 3) over customer_days as fourth_net_sales,
        row_number() over customer_days - 1 as earlier_order_days,
        cast(sum(net_sales) over customer_days - net_sales as decimal(28, 4)) as earlier_net_sales
    from order_days
    window customer_days as (
        partition by customer_id
        order by order_date
    )
),

classified as (
    select
        neighbours.customer_id,
        customers.first_order_date,
        neighbours.order_date,
        neighbours.second_order_date,
        neighbours.third_order_date,
        neighbours.fourth_order_date,
        neighbours.net_sales,
        neighbours.third_net_sales,
        neighbours.fourth_net_sales,
        dates.month_start,
        customers.first_sales_channel,
        neighbours.earlier_order_days,
        neighbours.earlier_net_sales,
        case
            when neighbours.earlier_order_days <= 1 then cast(neighbours.earlier_order_days as {{ dbt.type_string() }})
            when neighbours.earlier_order_days <= 3 then '2-3'
            else '4+'
        end as frequency_class,
        case
            when neighbours.earlier_order_days = 0 then '0'
            when {{ days_between('customers.first_order_date', 'neighbours.order_date') }} <= 90 then '1-90'
            when {{ days_between('customers.first_order_date', 'neighbours.order_date') }} <= 365 then '91-365'
            else '366+'
        end as tenure_class
    from neighbours
    inner join customers
        on neighbours.customer_id = customers.customer_id
    inner join dates
        on neighbours.order_date = dates.date_day
    where neighbours.third_order_date is not null
)

select * from classified
