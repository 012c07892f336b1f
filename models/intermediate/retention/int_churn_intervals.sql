{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['quarter_end', 'first_sales_channel', 'interval_days']
) }}

-- The intervals between order days by the quarter in which they were complete; those of orders to come too, so that
-- as_of may move on.

-- depends_on: {{ ref('int_batch_order_days_before') }}
-- depends_on: {{ ref('int_touched_customers') }}

with order_days as (
    select
        customer_id,
        order_date,
        previous_order_date,
        cast(1 as bigint) as weight
    from {{ ref('int_customer_order_days') }}
    where previous_order_date is not null and {{ is_touched('customer_id', ref('int_touched_customers')) }}
    {%- if is_batch() %}
    union all
    select
        customer_id,
        order_date,
        previous_order_date,
        cast(-1 as bigint) as weight
    from {{ ref('int_batch_order_days_before') }}
    where
        previous_order_date is not null
        and customer_id in (select customer_id from {{ ref('int_touched_customers') }})
    {%- endif %}
),

channels as (
    select * from {{ ref('int_first_channel_changes') }}
),

intervals as (
    select
        order_days.order_date,
        channels.first_sales_channel,
        {{ days_between('order_days.previous_order_date', 'order_days.order_date') }} as interval_days,
        order_days.weight
    from order_days
    inner join channels
        on
            order_days.customer_id = channels.customer_id
            and order_days.weight = channels.weight
),

intervals_by_day as (
    select
        order_date,
        first_sales_channel,
        interval_days,
        {{ count_changes() }} as intervals
    from intervals
    group by 1, 2, 3
),

counted as (
    select
        {{ last_day_of_months(dbt.date_trunc('quarter', 'order_date'), 3) }} as quarter_end,
        first_sales_channel,
        interval_days,
        cast(sum(intervals) as bigint) as intervals
    from intervals_by_day
    group by 1, 2, 3
)

select *
from counted
where intervals <> 0
