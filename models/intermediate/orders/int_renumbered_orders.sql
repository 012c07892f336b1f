{{ config(materialized='increment') }}

-- Orders that nobody touched, of customers whose other orders were: only their numbers differ now.

-- depends_on: {{ ref('int_batch_orders_before') }}
-- depends_on: {{ ref('int_touched_orders') }}

with orders as (
    select
        order_id,
        order_number,
        customer_first_order_date,
        previous_order_date,
        previous_order_at
    from {{ ref('int_orders') }}
),

{%- if is_batch() %}

renumbered as (
    select orders.*
    from orders
    inner join {{ ref('int_batch_orders_before') }} as orders_before
        on orders.order_id = orders_before.order_id
    left join (select distinct order_id from {{ ref('int_touched_orders') }}) as touched_orders
        on orders.order_id = touched_orders.order_id
    where
        touched_orders.order_id is null
        and (
            orders.order_number is distinct from orders_before.order_number
            or orders.customer_first_order_date is distinct from orders_before.customer_first_order_date
            or orders.previous_order_at is distinct from orders_before.previous_order_at
            or orders.previous_order_date is distinct from orders_before.previous_order_date
        )
)
{%- else %}

renumbered as (
    select *
    from orders
    where false
)
{%- endif %}

select * from renumbered
