{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['first_order_date', 'bucket_days', 'bucket']
) }}

-- Customers with an order in each bucket of their own clock, by the day of their first order: whether the bucket is
-- over is for the reader to say. Everybody is in bucket 0.

with bucket_lengths as (
    {% for days in var('rolling_bucket_days') -%}
    select cast({{ days }} as bigint) as bucket_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

order_days as (
    select
        first_order_date,
        order_date,
        previous_order_date,
        {{ count_changes() }} as customers
    from {{ ref('int_order_day_changes') }}
    group by 1, 2, 3
),

bucketed as (
    select
        order_days.first_order_date,
        order_days.customers,
        bucket_lengths.bucket_days,
        {{ rolling_bucket(
            days_between('order_days.first_order_date', 'order_days.order_date'), 'bucket_lengths.bucket_days'
        ) }} as bucket,
        {{ rolling_bucket(
            days_between('order_days.first_order_date', 'order_days.previous_order_date'), 'bucket_lengths.bucket_days'
        ) }} as previous_bucket
    from order_days
    cross join bucket_lengths
    where order_days.customers <> 0
),

-- A customer counts once in a bucket: on its first day with an order.
active as (
    select
        first_order_date,
        bucket_days,
        bucket,
        cast(sum(customers) as bigint) as customers
    from bucketed
    where coalesce(previous_bucket < bucket, true)
    group by 1, 2, 3
    having sum(customers) <> 0
)

select * from active
