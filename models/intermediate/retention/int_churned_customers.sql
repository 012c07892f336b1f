-- Every day on which a customer churned: churn_after_days + 1 after an order, unless the next one
-- came up to and including that day. A customer may churn, come back and churn again.

with orders as (
    select
        customer_id,
        order_date,
        previous_order_date
    from {{ ref('fct_orders') }}
    where order_number is not null
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

churned_before_next_order as (
    select
        orders.customer_id,
        customers.segment_combination,
        orders.previous_order_date as last_order_date,
        {{ churn_date('orders.previous_order_date') }} as churn_date
    from orders
    cross join as_of
    inner join customers
        on orders.customer_id = customers.customer_id
    where
        orders.order_date > {{ churn_date('orders.previous_order_date') }}
        and orders.order_date <= as_of.as_of_date
),

churned_after_last_order as (
    select
        customers.customer_id,
        customers.segment_combination,
        customers.last_order_date,
        {{ churn_date('customers.last_order_date') }} as churn_date
    from customers
    cross join as_of
    where {{ churn_date('customers.last_order_date') }} <= as_of.as_of_date
),

churned as (
    select * from churned_before_next_order
    union all
    select * from churned_after_last_order
)

select * from churned
