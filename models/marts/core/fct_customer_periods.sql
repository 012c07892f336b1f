{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_customers'}}
) }}

with orders as (
    select
        customer_id,
        order_date,
        order_number,
        previous_order_date,
        customer_first_order_date,
        gross_sales,
        discounts,
        returns,
        total_sales,
        gross_margin
    from {{ ref('int_batch_orders') }}
    where is_counted and customer_id is not null
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

{{ customer_periods() }}

select * from placed_in_time
