{{ config(materialized='increment') }}

-- What the facts gained and lost: an order counts 1 where it is put in, and -1, with its amounts negated, where it is
-- taken out. Where everything is built anew, all orders are put in.

-- depends_on: {{ ref('int_batch_orders_before') }}
-- depends_on: {{ ref('int_touched_customers') }}

with orders as (
    select
        order_id,
        customer_id,
        source_customer_id,
        guest_customer_id,
        gross_sales,
        discounts,
        returns,
        net_sales,
        total_sales,
        gross_margin,
        order_number,
        is_counted,
        is_cancelled,
        is_test,
        order_date,
        customer_first_order_date,
        previous_order_date
    from {{ ref('int_batch_orders') }}
),

{%- if is_batch() %}

-- Counted again only since as_of has moved: their orders are what they were.
unchanged_orders as (
    select orders.*
    from orders
    left join (select distinct customer_id from {{ ref('int_touched_customers') }}) as touched_customers
        on orders.customer_id = touched_customers.customer_id
    where orders.customer_id is not null and touched_customers.customer_id is null
),

orders_before as (
    select
        order_id,
        customer_id,
        source_customer_id,
        guest_customer_id,
        gross_sales,
        discounts,
        returns,
        net_sales,
        total_sales,
        gross_margin,
        order_number,
        is_counted,
        is_cancelled,
        is_test,
        order_date,
        customer_first_order_date,
        previous_order_date
    from {{ ref('int_batch_orders_before') }}
    union all
    select * from unchanged_orders
),

orders_taken_out as (
    select
        order_id,
        customer_id,
        source_customer_id,
        guest_customer_id,
        -gross_sales as gross_sales,
        -discounts as discounts,
        -returns as returns,
        -net_sales as net_sales,
        -total_sales as total_sales,
        -gross_margin as gross_margin,
        order_number,
        is_counted,
        is_cancelled,
        is_test,
        order_date,
        customer_first_order_date,
        previous_order_date,
        cast(-1 as bigint) as weight
    from orders_before
),
{%- endif %}

changes as (
    select
        *,
        cast(1 as bigint) as weight
    from orders
    {%- if is_batch() %}
    union all
    select * from orders_taken_out
    {%- endif %}
)

select * from changes
