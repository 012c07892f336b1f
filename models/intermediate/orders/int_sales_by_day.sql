{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['step', 'has_customer', 'order_date']
) }}

-- Orders and their money by local date and by where they ended up. Raw rows are read from the raw zone, the
-- others where they stand now: that both come to the same is what rpt_sales_bridge shows.

-- depends_on: {{ ref('int_batch_order_versions_before') }}
-- depends_on: {{ ref('int_batch_orders_before') }}
-- depends_on: {{ ref('int_touched_orders') }}

{%- set gross_sales = convert_money('subtotal_amount', 'exchange_rate') %}

with raw_rows as (
    select
        order_date,
        'raw_gross_sales' as step,
        1 as orders,
        {{ gross_sales }} as gross_sales
    from {{ ref('int_orders_judged') }}
    {%- if is_batch() %}
    union all
    select
        order_date,
        'raw_gross_sales' as step,
        -1 as orders,
        -{{ gross_sales }} as gross_sales
    from {{ ref('int_batch_order_versions_before') }}
    union all
    select
        orders.order_date,
        'raw_gross_sales' as step,
        -1 as orders,
        -orders.gross_sales as gross_sales
    from {{ ref('int_batch_orders_before') }} as orders
    left join (select distinct order_id from {{ ref('int_batch_order_versions_before') }}) as versions
        on orders.order_id = versions.order_id
    where
        versions.order_id is null
        and orders.order_id in (select order_id from {{ ref('int_touched_orders') }})
    {%- endif %}
),

rows_not_accepted as (
    select
        order_date,
        case when rejection_reasons is null then 'superseded' else 'quarantined' end as step,
        1 as orders,
        {{ gross_sales }} as gross_sales
    from {{ ref('int_order_versions') }}
    where
        (rejection_reasons is not null or version_number > 1)
        and (
            {{ is_touched('order_id', ref('int_touched_orders')) }}
            or (order_id is null and {{ are_keyless_rows_read('orders') if is_batch() else 'true' }})
        )
    {%- if is_batch() %}
    union all
    select
        order_date,
        case when rejection_reasons is null then 'superseded' else 'quarantined' end as step,
        -1 as orders,
        -{{ gross_sales }} as gross_sales
    from {{ ref('int_batch_order_versions_before') }}
    where rejection_reasons is not null or version_number > 1
    {%- endif %}
),

accepted_days as (
    select
        order_date,
        case
            when is_test then 'test'
            when is_cancelled then 'cancelled'
            when not is_counted then 'not_counted'
            else 'counted'
        end as step,
        customer_id is not null as has_customer,
        {{ count_changes() }} as orders,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(returns) as returns,
        sum(net_sales) as net_sales
    from {{ ref('int_order_changes') }}
    group by 1, 2, 3
),

other_rows as (
    select * from raw_rows
    union all
    select * from rows_not_accepted
),

other_days as (
    select
        order_date,
        step,
        false as has_customer,
        sum(orders) as orders,
        sum(gross_sales) as gross_sales,
        0 as discounts,
        0 as returns,
        0 as net_sales
    from other_rows
    group by 1, 2
),

days as (
    select * from accepted_days
    union all
    select * from other_days
)

select
    step,
    has_customer,
    cast(orders as bigint) as orders,
    cast(gross_sales as decimal(28, 4)) as gross_sales,
    cast(discounts as decimal(28, 4)) as discounts,
    cast(returns as decimal(28, 4)) as returns,
    cast(net_sales as decimal(28, 4)) as net_sales,
    order_date
from days
