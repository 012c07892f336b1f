-- Counted orders by period and combination of segments. Orders without a customer have
-- their own columns and the segment 'unknown'.

with customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

customer_activity as (
    select
        customer_periods.period_grain,
        customer_periods.period_start,
        {{- segment_columns('customers') }}
        count(*) as active_customers,
        count(*) filter (where customer_periods.is_new) as new_customers,
        count(*) filter (where customer_periods.is_retained) as retained_customers,
        count(*) filter (where customer_periods.is_resurrected) as resurrected_customers,
        count(*) filter (where customer_periods.orders >= 2) as repeat_customers,
        count(*) filter (where customer_periods.orders_to_date >= 2) as repeat_customers_to_date,
        count(*) filter (
            where
            customer_periods.orders_to_date >= 2
            and customer_periods.orders_to_date - customer_periods.orders < 2
        ) as second_order_customers,
        sum(customer_periods.orders) as orders,
        sum(customer_periods.gross_sales) as gross_sales,
        sum(customer_periods.discounts) as discounts,
        sum(customer_periods.returns) as returns,
        sum(customer_periods.net_sales) as net_sales,
        sum(customer_periods.total_sales) as total_sales,
        sum(customer_periods.gross_margin) as gross_margin,
        0 as orders_without_customer,
        0 as net_sales_without_customer
    from customer_periods
    inner join customers
        on customer_periods.customer_id = customers.customer_id
    {{ group_by_segments(2) }}
),

activity_without_customer as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        {%- for segment in var('segments') %}
        'unknown' as {{ segment }},
        {%- endfor %}
        0 as active_customers,
        0 as new_customers,
        0 as retained_customers,
        0 as resurrected_customers,
        0 as repeat_customers,
        0 as repeat_customers_to_date,
        0 as second_order_customers,
        0 as orders,
        0 as gross_sales,
        0 as discounts,
        0 as returns,
        0 as net_sales,
        0 as total_sales,
        null as gross_margin,
        count(*) as orders_without_customer,
        sum(orders.net_sales) as net_sales_without_customer
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    inner join {{ ref('int_date_periods') }} as date_periods
        on orders.order_date = date_periods.date_day
    where
        orders.is_counted
        and orders.customer_id is null
        and orders.order_date <= as_of.as_of_date
    {{ group_by_segments(2) }}
),

activity as (
    select * from customer_activity
    union all
    select * from activity_without_customer
)

select * from activity
