{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['as_of_date', 'fallback_sales_channel', 'idle_days', 'is_churned']
) }}

-- Customers by how long they had been idle: enough to judge any threshold that is the same for many customers, also
-- one that moves with the intervals of the shop.

with customers as (
    select * from {{ ref('int_churn_backtest_customers') }}
),

counted as (
    select
        as_of_date,
        case when own_median_days is null then first_sales_channel end as fallback_sales_channel,
        idle_days,
        is_churned,
        cast({{ count_changes() }} as bigint) as customers
    from customers
    group by 1, 2, 3, 4
)

select *
from counted
where customers <> 0
