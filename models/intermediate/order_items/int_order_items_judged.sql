{{ config(materialized='increment') }}

-- depends_on: {{ ref('int_touched_orders') }}

-- A barcode that slipped into the quantity makes amounts that no decimal(18,4) holds: such a line is
-- rejected, where the conversion would stop the build.

with order_items as (
    {%- if is_batch() %}
    {{ raw_rows_of_keys(
        'stg_order_items',
        'order_items',
        key='order_id',
        touched='select order_id from ' ~ ref('int_touched_orders'),
        known_from=['fct_order_items', 'int_order_item_versions']
    ) }}
    {%- else %}
    select * from {{ ref('stg_order_items') }}
    {%- endif %}
),

orders as (
    select
        order_id,
        customer_id,
        exchange_rate,
        is_counted,
        order_date
    from {{ ref('int_orders') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

judged as (
    select
        order_items.*,
        orders.customer_id,
        orders.exchange_rate,
        orders.is_counted,
        orders.order_date,
        {{ rejection_reasons('order_items.row_rejection_reasons', {
            'unknown_order': 'order_items.order_id is not null and orders.order_id is null',
            'unparseable_quantity': 'cast(order_items.quantity as double) * cast(orders.exchange_rate as double) '
                ~ '* greatest(cast(order_items.unit_price as double), cast(coalesce(order_items.unit_cost, 0) as double)) '
                ~ '>= 1e13',
        }) }} as rejection_reasons
    from order_items
    left join orders
        on order_items.order_id = orders.order_id
)

select * from judged
