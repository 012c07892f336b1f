{{ config(materialized='increment') }}

-- The channel of each customer's first counted order as it is now, with weight 1, and in a batch as it was before it,
-- with -1. Not as of as_of, unlike dim_customers: an order to come has its channel already.

-- depends_on: {{ ref('int_batch_orders_before') }}
-- depends_on: {{ ref('int_touched_customers') }}

with changes as (
    select
        customer_id,
        coalesce(sales_channel, 'unknown') as first_sales_channel,
        cast(1 as bigint) as weight
    from {{ ref('int_batch_orders') }}
    where order_number = 1 and {{ is_touched('customer_id', ref('int_touched_customers')) }}
    {%- if is_batch() %}
    union all
    select
        customer_id,
        coalesce(sales_channel, 'unknown') as first_sales_channel,
        cast(-1 as bigint) as weight
    from {{ ref('int_batch_orders_before') }}
    where order_number = 1
    {%- endif %}
)

select * from changes
