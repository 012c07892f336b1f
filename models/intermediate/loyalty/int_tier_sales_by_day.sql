{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['program_id', 'tier', 'order_date']
) }}

-- What members bought while they were in a tier. A member of two programmes buys in a tier of each. A batch counts
-- again whose orders or whose tiers it touched; of the two, what it did not touch is what it was.

-- depends_on: {{ ref('int_as_of_before') }}
-- depends_on: {{ ref('int_batch_customers') }}
-- depends_on: {{ ref('int_batch_membership_customers') }}
-- depends_on: {{ ref('int_batch_order_days_before') }}
-- depends_on: {{ ref('int_batch_tiers_before') }}

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

{%- if is_batch() %}

customers as (
    select customer_id from {{ ref('int_batch_customers') }}
    union distinct
    select customer_id from {{ ref('int_batch_membership_customers') }}
),
{%- endif %}

tiers_now as (
    select
        customer_id,
        program_id,
        tier,
        valid_from_date,
        valid_to_date
    from {{ ref('fct_loyalty_tiers') }}
    where {{ is_touched('customer_id', 'customers') }}
),

order_days_now as (
    select
        customer_id,
        order_date,
        orders,
        net_sales
    from {{ ref('int_batch_order_days') }}
    where {{ is_touched('customer_id', 'customers') }}
),

tiers as (
    select
        *,
        1 as weight
    from tiers_now
    {%- if is_batch() %}
    union all
    select
        *,
        -1 as weight
    from tiers_now
    where customer_id not in (select customer_id from {{ ref('int_batch_membership_customers') }})
    union all
    select
        customer_id,
        program_id,
        tier,
        valid_from_date,
        valid_to_date,
        -1 as weight
    from {{ ref('int_batch_tiers_before') }}
    {%- endif %}
),

order_days as (
    select
        *,
        1 as weight
    from order_days_now
    {%- if is_batch() %}
    union all
    select
        *,
        -1 as weight
    from order_days_now
    where customer_id not in (select customer_id from {{ ref('int_batch_customers') }})
    union all
    select
        customer_id,
        order_date,
        orders,
        net_sales,
        -1 as weight
    from {{ ref('int_batch_order_days_before') }}
    {%- endif %}
),

later_refunds as (
    select * from {{ ref('int_later_refund_changes') }}
),

in_tiers as (
    select
        tiers.program_id,
        tiers.tier,
        order_days.order_date,
        order_days.orders,
        order_days.net_sales + coalesce(later_refunds.returns, 0) as net_sales,
        order_days.weight
    from order_days
    inner join as_of
        on
            order_days.weight = as_of.weight
            and order_days.order_date <= as_of.as_of_date
    inner join tiers
        on
            order_days.customer_id = tiers.customer_id
            and order_days.weight = tiers.weight
            and order_days.order_date >= tiers.valid_from_date
            and coalesce(order_days.order_date < tiers.valid_to_date, true)
    left join later_refunds
        on
            order_days.customer_id = later_refunds.customer_id
            and order_days.order_date = later_refunds.order_date
            and order_days.weight = later_refunds.weight
),

by_day as (
    select
        program_id,
        tier,
        order_date,
        cast({{ sum_changes('orders') }} as bigint) as orders,
        cast({{ sum_changes('net_sales') }} as decimal(28, 4)) as net_sales
    from in_tiers
    group by 1, 2, 3
)

select *
from by_day
where orders <> 0 or net_sales <> 0
