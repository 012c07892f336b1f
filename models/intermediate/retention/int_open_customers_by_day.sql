-- How many more or fewer customers are open (not churned) on a day than on the day before, by
-- combination of segments. Summed up to a day they are the customers open on it.
--
-- An order opens its customer on the day after it, and closes what the order before had opened: on
-- the day after itself, or on the day after the churn day where that came first.

with orders as (
    select
        orders.customer_id,
        orders.order_date,
        orders.previous_order_date
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    where orders.order_number is not null and orders.order_date <= as_of.as_of_date
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

changes_by_customer as (
    select
        customers.segment_combination,
        {{ add_days('orders.order_date', 1) }} as opened_date,
        {{ add_days('least(orders.order_date, ' ~ churn_date('orders.previous_order_date') ~ ')', 1) }} as closed_date,
        orders.previous_order_date
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
),

changes as (
    select
        segment_combination,
        opened_date as date_day,
        count(*) as open_customers_change
    from changes_by_customer
    group by 1, 2
    union all
    select
        segment_combination,
        closed_date as date_day,
        -count(*) as open_customers_change
    from changes_by_customer
    where previous_order_date is not null
    group by 1, 2
    union all
    select
        segment_combination,
        {{ add_days(churn_date('last_order_date'), 1) }} as date_day,
        -count(*) as open_customers_change
    from customers
    group by 1, 2
),

changes_by_day as (
    select
        segment_combination,
        date_day,
        sum(open_customers_change) as open_customers_change
    from changes
    group by 1, 2
)

select * from changes_by_day
