{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_customers'}}
) }}

-- The customers of the reports: at least one counted order by as_of, and the one combination of
-- segments that the customer has as of as_of.

-- depends_on: {{ ref('int_batch_customer_segments_before') }}

with customers as (
    select * from {{ ref('dim_customers') }}
),

customer_orders as (
    select * from {{ ref('int_customer_orders') }}
    where orders > 0 and {{ is_touched('customer_id', ref('int_batch_customers')) }}
),

combinations as (
    select * from {{ ref('int_segment_combinations') }}
),

customer_segments as (
    select
        customer_orders.customer_id,
        combinations.segment_combination,
        customer_orders.first_order_date,
        customer_orders.last_order_date
    from customer_orders
    inner join customers
        on customer_orders.customer_id = customers.customer_id
    inner join combinations
        on
            true
            {%- for segment in var('segments') %}
            and combinations.{{ segment }}
            = coalesce(cast(customers.{{ segment }} as {{ dbt.type_string() }}), 'unknown')
            {%- endfor %}
)

select * from customer_segments
