{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['period_grain', 'period_start', 'cohort_start', 'period_number', 'segment_type', 'segment']
) }}

-- What the customers of each cohort did in each period, by segment: the one pass over customers and
-- periods that both reports are summed from. Added up by combination of segments first, which are fewer.

with customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

customers as (
    select * from {{ ref('int_customer_changes') }}
),

activity as (
    select
        customer_periods.period_grain,
        customer_periods.period_start,
        customer_periods.cohort_start,
        customer_periods.period_number,
        customers.segment_combination,
        {{ count_changes(weight='customer_periods.weight') }} as active_customers,
        {{ count_changes('customer_periods.is_new', 'customer_periods.weight') }} as new_customers,
        {{ count_changes('customer_periods.is_retained', 'customer_periods.weight') }} as retained_customers,
        {{ count_changes('customer_periods.is_resurrected', 'customer_periods.weight') }} as resurrected_customers,
        {{ count_changes('customer_periods.orders >= 2', 'customer_periods.weight') }} as repeat_customers,
        {{ count_changes('customer_periods.orders_to_date >= 2', 'customer_periods.weight') }}
            as repeat_customers_to_date,
        {{ count_changes(
            'customer_periods.orders_to_date >= 2 and customer_periods.orders_to_date - customer_periods.orders < 2',
            'customer_periods.weight'
        ) }} as second_order_customers,
        -- What sets the readings of the repeat customer rate apart; counted by itself, so that the
        -- bridge between them proves something.
        {{ count_changes('customer_periods.orders = 1 and not customer_periods.is_new', 'customer_periods.weight') }}
            as returning_with_one_order,
        {{ count_changes('customer_periods.orders >= 2 and customer_periods.is_new', 'customer_periods.weight') }}
            as new_with_several_orders,
        {{ sum_changes('customer_periods.orders', weight='customer_periods.weight') }} as orders,
        sum(customer_periods.gross_sales) as gross_sales,
        sum(customer_periods.discounts) as discounts,
        sum(customer_periods.returns) as returns,
        sum(customer_periods.net_sales) as net_sales,
        sum(customer_periods.total_sales) as total_sales,
        sum(customer_periods.gross_margin) as gross_margin,
        {{ sum_changes('customer_periods.orders_with_cost', weight='customer_periods.weight') }} as orders_with_cost
    from customer_periods
    inner join customers
        on
            customer_periods.customer_id = customers.customer_id
            and {{ 'customer_periods.weight = customers.weight' if is_batch() else 'true' }}
    group by 1, 2, 3, 4, 5
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

-- A batch knows them by order, see int_order_changes_as_of.
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
    where {{ 'false' if is_batch() else 'true' }}
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
        activity.gross_margin + coalesce(later_refunds.gross_margin, 0) as gross_margin,
        activity.orders_with_cost
    from activity
    left join later_refunds
        on
            activity.period_grain = later_refunds.period_grain
            and activity.period_start = later_refunds.period_start
            and activity.cohort_start = later_refunds.cohort_start
            and activity.segment_combination = later_refunds.segment_combination
),

by_segment as (
    select
        as_they_stood.period_grain,
        as_they_stood.period_start,
        as_they_stood.cohort_start,
        as_they_stood.period_number,
        segments.segment_type,
        segments.segment,
        cast(sum(as_they_stood.active_customers) as bigint) as active_customers,
        cast(sum(as_they_stood.new_customers) as bigint) as new_customers,
        cast(sum(as_they_stood.retained_customers) as bigint) as retained_customers,
        cast(sum(as_they_stood.resurrected_customers) as bigint) as resurrected_customers,
        cast(sum(as_they_stood.repeat_customers) as bigint) as repeat_customers,
        cast(sum(as_they_stood.repeat_customers_to_date) as bigint) as repeat_customers_to_date,
        cast(sum(as_they_stood.second_order_customers) as bigint) as second_order_customers,
        cast(sum(as_they_stood.returning_with_one_order) as bigint) as returning_with_one_order,
        cast(sum(as_they_stood.new_with_several_orders) as bigint) as new_with_several_orders,
        cast(sum(as_they_stood.orders) as bigint) as orders,
        cast(sum(as_they_stood.orders_with_cost) as bigint) as orders_with_cost,
        cast(sum(as_they_stood.gross_sales) as decimal(28, 4)) as gross_sales,
        cast(sum(as_they_stood.discounts) as decimal(28, 4)) as discounts,
        cast(sum(as_they_stood.returns) as decimal(28, 4)) as returns,
        cast(sum(as_they_stood.net_sales) as decimal(28, 4)) as net_sales,
        cast(sum(as_they_stood.total_sales) as decimal(28, 4)) as total_sales,
        cast(sum(as_they_stood.gross_margin) as decimal(28, 4)) as gross_margin
    from as_they_stood
    inner join {{ ref('int_segments') }} as segments
        on as_they_stood.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4, 5, 6
)

select * from by_segment
