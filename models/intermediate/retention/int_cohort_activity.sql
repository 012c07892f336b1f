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
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

later_refunds as (
    select
        order_periods.period_grain,
        order_periods.period_start,
        cohort_periods.period_start as cohort_start,
        customers.segment_combination,
        sum(refunds.returns) as returns,
        sum(refunds.total_sales) as total_sales,
        sum(refunds.gross_margin) as gross_margin
    from {{ ref('int_later_refunds') }} as refunds
    inner join customers
        on refunds.customer_id = customers.customer_id
    inner join date_periods as order_periods
        on refunds.order_date = order_periods.date_day
    inner join date_periods as cohort_periods
        on
            order_periods.period_grain = cohort_periods.period_grain
            and refunds.customer_first_order_date = cohort_periods.date_day
    group by 1, 2, 3, 4
),

as_they_stood as (
    select
        activity.period_grain,
        activity.period_start,
        activity.cohort_start,
        activity.period_number,
        activity.segment_combination,
        activity.active_customers,
        activity.new_customers,
        activity.retained_customers,
        activity.resurrected_customers,
        activity.repeat_customers,
        activity.repeat_customers_to_date,
        activity.second_order_customers,
        activity.returning_with_one_order,
        activity.new_with_several_orders,
        activity.orders,
        activity.gross_sales,
        activity.discounts,
        activity.returns - coalesce(later_refunds.returns, 0) as returns,
        activity.net_sales + coalesce(later_refunds.returns, 0) as net_sales,
        activity.total_sales + coalesce(later_refunds.total_sales, 0) as total_sales,
        activity.gross_margin + coalesce(later_refunds.gross_margin, 0) as gross_margin
    from activity
    left join later_refunds
        on
            activity.period_grain = later_refunds.period_grain
            and activity.period_start = later_refunds.period_start
            and activity.cohort_start = later_refunds.cohort_start
            and activity.segment_combination = later_refunds.segment_combination
)

select * from as_they_stood
