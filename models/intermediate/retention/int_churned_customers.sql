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

customer_orders as (
    select
        customer_id,
        last_order_date
    from {{ ref('int_customer_orders') }}
    where orders > 0
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

churned_before_next_order as (
    select
        orders.customer_id,
        orders.previous_order_date as last_order_date,
        {{ churn_date('orders.previous_order_date') }} as churn_date
    from orders
    cross join as_of
    where
        orders.order_date > {{ churn_date('orders.previous_order_date') }}
        and orders.order_date <= as_of.as_of_date
),

churned_after_last_order as (
    select
        customer_orders.customer_id,
        customer_orders.last_order_date,
        {{ churn_date('customer_orders.last_order_date') }} as churn_date
    from customer_orders
    cross join as_of
    where {{ churn_date('customer_orders.last_order_date') }} <= as_of.as_of_date
),

churned as (
    select * from churned_before_next_order
    union all
    select * from churned_after_last_order
)

select * from churned
