{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['age_days']
) }}

-- Order days by as_of, and what they came to, by the days since the customer's first order. Net sales are those of the
-- facts.

select
    {{ days_between('first_order_date', 'order_date') }} as age_days,
    cast({{ count_changes() }} as bigint) as order_days,
    cast({{ sum_changes('net_sales') }} as decimal(28, 4)) as net_sales
from {{ ref('int_order_day_changes') }}
group by 1
