-- What the customers of each cohort did in each period, by combination of segments: the one
-- pass over customers and periods that both reports are summed from.

with customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

activity as (
    select
        customer_periods.period_grain,
        customer_periods.period_start,
        customer_periods.cohort_start,
        customer_periods.period_number,
        customers.segment_combination,
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
        -- What sets the readings of the repeat customer rate apart; counted by itself, so that the
        -- bridge between them proves something.
        count(*) filter (
            where customer_periods.orders = 1 and not customer_periods.is_new
        ) as returning_with_one_order,
        count(*) filter (
            where customer_periods.orders >= 2 and customer_periods.is_new
        ) as new_with_several_orders,
        sum(customer_periods.orders) as orders,
        sum(customer_periods.gross_sales) as gross_sales,
        sum(customer_periods.discounts) as discounts,
        sum(customer_periods.returns) as returns,
        sum(customer_periods.net_sales) as net_sales,
        sum(customer_periods.total_sales) as total_sales,
        sum(customer_periods.gross_margin) as gross_margin
    from customer_periods
    inner join customers
        on customer_periods.customer_id = customers.customer_id
    group by 1, 2, 3, 4, 5
)

select * from activity
