{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}}
) }}

-- The one pass that groups lines by order: fct_orders takes its cost from here, and the sums are
-- compared with the orders'.

with order_items as (
    select * from {{ ref('fct_order_items') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

summed as (
    select
        order_id,
        {{ first_by('product_category', 'line_number') }} as product_category,
        count(*) as lines,
        cast(sum(gross_sales) as decimal(18, 4)) as gross_sales,
        cast(sum(discounts) as decimal(18, 4)) as discounts,
        -- A sum of the costs that happen to be known would be taken for the order's.
        case when count(*) = count(cost) then cast(sum(cost) as decimal(18, 4)) end as cost
    from order_items
    group by order_id
)

select * from summed
