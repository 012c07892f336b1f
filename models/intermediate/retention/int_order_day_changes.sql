{{ config(materialized='increment') }}

-- The order days of customers as reports know them, as of as_of, with weight 1, and in a batch as they knew them
-- before it, as of the as_of of the run before, with -1. Net sales are those of the facts: who sums them gives later
-- refunds back.

-- depends_on: {{ ref('int_as_of_before') }}
-- depends_on: {{ ref('int_batch_customers') }}
-- depends_on: {{ ref('int_batch_order_days_before') }}

with as_of as (
    select
        as_of_date,
        1 as weight
    from {{ ref('int_as_of') }}
    {%- if is_batch() %}
    union all
    select
        as_of_date,
        -1 as weight
    from {{ ref('int_as_of_before') }}
    {%- endif %}
),

customers as (
    select * from {{ ref('int_customer_changes') }}
),

order_days as (
    select
        customer_id,
        order_date,
        previous_order_date,
        order_date_before_previous,
        next_order_date,
        orders,
        net_sales,
        state_after_order,
        cast(1 as bigint) as weight
    from {{ ref('int_customer_order_days') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
    {%- if is_batch() %}
    union all
    select
        customer_id,
        order_date,
        previous_order_date,
        order_date_before_previous,
        next_order_date,
        orders,
        net_sales,
        state_after_order,
        cast(-1 as bigint) as weight
    from {{ ref('int_batch_order_days_before') }}
    {%- endif %}
),

changes as (
    select
        order_days.customer_id,
        customers.segment_combination,
        customers.first_order_date,
        order_days.order_date,
        order_days.previous_order_date,
        order_days.order_date_before_previous,
        case
            when order_days.next_order_date <= as_of.as_of_date then order_days.next_order_date
        end as next_order_date,
        order_days.orders,
        order_days.net_sales,
        order_days.state_after_order,
        order_days.weight
    from order_days
    inner join as_of
        on
            order_days.order_date <= as_of.as_of_date
            and {{ 'order_days.weight = as_of.weight' if is_batch() else 'true' }}
    inner join customers
        on
            order_days.customer_id = customers.customer_id
            and {{ 'order_days.weight = customers.weight' if is_batch() else 'true' }}
)

select * from changes
