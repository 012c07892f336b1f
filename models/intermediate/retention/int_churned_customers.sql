{{ config(materialized='increment', meta={'is_table': true}) }}

-- Every day on which a customer churned or, if nothing else happens, will: churn_after_days + 1 after an order, unless
-- the next one came up to and including that day. A customer may churn, come back and churn again.

with orders as (
    select
        customer_id,
        order_date,
        previous_order_date,
        weight
    from {{ ref('int_order_changes_as_of') }}
),

customers as (
    select * from {{ ref('int_customer_changes') }}
),

churned_before_next_order as (
    select
        orders.customer_id,
        customers.segment_combination,
        orders.previous_order_date as last_order_date,
        {{ churn_date('orders.previous_order_date') }} as churn_date,
        orders.weight
    from orders
    inner join customers
        on
            orders.customer_id = customers.customer_id
            and {{ 'orders.weight = customers.weight' if is_batch() else 'true' }}
    where orders.order_date > {{ churn_date('orders.previous_order_date') }}
),

churned_after_last_order as (
    select
        customers.customer_id,
        customers.segment_combination,
        customers.last_order_date,
        {{ churn_date('customers.last_order_date') }} as churn_date,
        customers.weight
    from customers
),

churned as (
    select * from churned_before_next_order
    union all
    select * from churned_after_last_order
)

select * from churned
