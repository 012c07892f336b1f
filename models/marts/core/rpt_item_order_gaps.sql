{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}}
) }}

with orders as (
    select
        order_id,
        gross_sales,
        discounts,
        is_counted,
        order_date
    from {{ ref('fct_orders') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

items as (
    select
        order_id,
        lines,
        gross_sales,
        discounts
    from {{ ref('int_order_item_sums') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

compared as (
    select
        orders.order_id,
        cast(items.lines as bigint) as lines,
        orders.gross_sales as order_gross_sales,
        items.gross_sales as items_gross_sales,
        cast(items.gross_sales - orders.gross_sales as decimal(18, 4)) as gross_sales_gap,
        orders.discounts as order_discounts,
        items.discounts as items_discounts,
        cast(items.discounts - orders.discounts as decimal(18, 4)) as discounts_gap,
        orders.is_counted,
        orders.order_date
    from items
    inner join orders
        on items.order_id = orders.order_id
),

gaps as (
    select *
    from compared
    where
        abs(gross_sales_gap) > {{ var('item_gap_tolerance') }}
        or abs(discounts_gap) > {{ var('item_gap_tolerance') }}
)

select * from gaps
