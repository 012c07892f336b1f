{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}}
) }}

-- depends_on: {{ ref('int_batch_orders_before') }}
-- depends_on: {{ ref('int_renumbered_orders') }}
-- depends_on: {{ ref('int_touched_orders') }}

with standing as (
    {{ standing_versions(ref('int_orders_judged'), ref('int_order_versions')) }}
),

orders as (
    select * from {{ ref('int_orders') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

returns as (
    select * from {{ ref('int_order_returns') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

item_sums as (
    select * from {{ ref('int_order_item_sums') }}
    where {{ is_touched('order_id', ref('int_touched_orders')) }}
),

converted as (
    select
        standing.order_id,
        orders.customer_id,
        standing.customer_id as source_customer_id,
        orders.guest_customer_id,
        standing.campaign_id,
        standing.loyalty_program_id,
        standing.status,
        standing.sales_channel,
        item_sums.product_category,
        standing.discount_code,
        standing.currency,
        orders.exchange_rate,
        {{ convert_money('standing.subtotal_amount', 'orders.exchange_rate') }} as gross_sales,
        {{ convert_money('standing.discount_amount', 'orders.exchange_rate') }} as discounts,
        {{ convert_money('standing.loyalty_discount_amount', 'orders.exchange_rate') }} as loyalty_discounts,
        case
            when returns.order_id is not null then returns.returns
            else {{ convert_money('standing.refunded_amount', 'orders.exchange_rate') }}
        end as returns,
        {{ convert_money('standing.shipping_amount', 'orders.exchange_rate') }} as shipping,
        case
            when returns.order_id is not null then returns.refunded_shipping
            else {{ convert_money('standing.refunded_shipping_amount', 'orders.exchange_rate') }}
        end as refunded_shipping,
        {{ convert_money('standing.tax_amount', 'orders.exchange_rate') }} as tax,
        case
            when returns.order_id is not null then returns.refunded_tax
            else {{ convert_money('standing.refunded_tax_amount', 'orders.exchange_rate') }}
        end as refunded_tax,
        coalesce({{ convert_money('standing.cost_amount', 'orders.exchange_rate') }}, item_sums.cost) as cost,
        standing.subtotal_amount as original_gross_sales,
        standing.discount_amount as original_discounts,
        case
            when returns.order_id is not null then returns.original_returns
            else standing.refunded_amount
        end as original_returns,
        standing.shipping_amount + standing.tax_amount - case
            when returns.order_id is not null then returns.original_refunds
            else standing.refunded_amount + standing.refunded_shipping_amount + standing.refunded_tax_amount
        end as original_charges_less_refunds,
        orders.order_number,
        orders.is_counted,
        orders.is_cancelled,
        standing.customer_id is null as is_guest,
        orders.is_test,
        orders.order_date,
        orders.customer_first_order_date,
        orders.previous_order_date,
        standing.ordered_at,
        orders.previous_order_at,
        standing.updated_at,
        standing._loaded_at
    from standing
    left join orders
        on standing.order_id = orders.order_id
    left join returns
        on standing.order_id = returns.order_id
    left join item_sums
        on standing.order_id = item_sums.order_id
),

measured as (
    select
        order_id,
        customer_id,
        source_customer_id,
        guest_customer_id,
        campaign_id,
        loyalty_program_id,
        status,
        sales_channel,
        product_category,
        discount_code,
        currency,
        cast(exchange_rate as double) as exchange_rate,
        gross_sales,
        discounts,
        loyalty_discounts,
        returns,
        cast({{ net_sales('gross_sales', 'discounts', 'returns') }} as decimal(18, 4)) as net_sales,
        shipping,
        refunded_shipping,
        tax,
        refunded_tax,
        cast({{ total_sales(
            net_sales('gross_sales', 'discounts', 'returns'), 'shipping', 'refunded_shipping', 'tax', 'refunded_tax'
        ) }} as decimal(18, 4)) as total_sales,
        cost,
        cast({{ gross_margin(net_sales('gross_sales', 'discounts', 'returns'), 'cost') }} as decimal(18, 4))
            as gross_margin,
        original_gross_sales,
        original_discounts,
        original_returns,
        cast(original_gross_sales - original_discounts + original_charges_less_refunds as decimal(18, 4))
            as original_total_sales,
        order_number,
        {{ days_between('previous_order_date', 'order_date') }} as days_since_previous_order,
        is_counted,
        is_cancelled,
        is_guest,
        is_test,
        coalesce(order_number = 1, false) as is_first_order,
        order_date,
        customer_first_order_date,
        previous_order_date,
        ordered_at,
        previous_order_at,
        updated_at,
        _loaded_at
    from converted
)

{%- if is_batch() %},

renumbered as (
    select
        renumbered_orders.order_id,
        renumbered_orders.customer_id,
        renumbered_orders.source_customer_id,
        renumbered_orders.guest_customer_id,
        renumbered_orders.campaign_id,
        renumbered_orders.loyalty_program_id,
        renumbered_orders.status,
        renumbered_orders.sales_channel,
        renumbered_orders.product_category,
        renumbered_orders.discount_code,
        renumbered_orders.currency,
        renumbered_orders.exchange_rate,
        renumbered_orders.gross_sales,
        renumbered_orders.discounts,
        renumbered_orders.loyalty_discounts,
        renumbered_orders.returns,
        renumbered_orders.net_sales,
        renumbered_orders.shipping,
        renumbered_orders.refunded_shipping,
        renumbered_orders.tax,
        renumbered_orders.refunded_tax,
        renumbered_orders.total_sales,
        renumbered_orders.cost,
        renumbered_orders.gross_margin,
        renumbered_orders.original_gross_sales,
        renumbered_orders.original_discounts,
        renumbered_orders.original_returns,
        renumbered_orders.original_total_sales,
        numbers.order_number,
        {{ days_between('numbers.previous_order_date', 'renumbered_orders.order_date') }} as days_since_previous_order,
        renumbered_orders.is_counted,
        renumbered_orders.is_cancelled,
        renumbered_orders.is_guest,
        renumbered_orders.is_test,
        coalesce(numbers.order_number = 1, false) as is_first_order,
        renumbered_orders.order_date,
        numbers.customer_first_order_date,
        numbers.previous_order_date,
        renumbered_orders.ordered_at,
        numbers.previous_order_at,
        renumbered_orders.updated_at,
        renumbered_orders._loaded_at
    from {{ ref('int_batch_orders_before') }} as renumbered_orders
    inner join {{ ref('int_renumbered_orders') }} as numbers
        on renumbered_orders.order_id = numbers.order_id
)

select * from measured
union all
select * from renumbered
{%- else %}

select * from measured
{%- endif %}
