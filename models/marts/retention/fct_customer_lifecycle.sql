{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_customers'}}
) }}

with order_days as (
    select * from {{ ref('int_customer_order_days') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
),

{{ lifecycle_intervals(['customer_id']) }}

select * from lifecycle
