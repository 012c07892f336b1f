with orders as (
    select * from {{ ref('int_orders') }}
),

order_numbers as (
    select * from {{ ref('int_order_numbers') }}
),

measured as (
    select
        orders.order_id,
        orders.customer_id,
        orders.source_customer_id,
        orders.campaign_id,
        orders.loyalty_program_id,
        orders.status,
        orders.sales_channel,
        orders.discount_code,
        orders.currency,
        orders.exchange_rate,
        orders.gross_sales,
        orders.discounts,
        orders.loyalty_discounts,
        orders.returns,
        cast(orders.gross_sales - orders.discounts - orders.returns as decimal(18, 4)) as net_sales,
        orders.shipping,
        orders.refunded_shipping,
        orders.tax,
        orders.refunded_tax,
        cast(
            orders.gross_sales - orders.discounts - orders.returns
            + orders.shipping - orders.refunded_shipping
            + orders.tax - orders.refunded_tax
            as decimal(18, 4)
        ) as total_sales,
        orders.cost,
        cast(orders.gross_sales - orders.discounts - orders.returns - orders.cost as decimal(18, 4)) as gross_margin,
        order_numbers.order_number,
        {{ days_between('order_numbers.previous_order_date', 'orders.order_date') }} as days_since_previous_order,
        orders.is_counted,
        orders.is_cancelled,
        orders.is_guest,
        orders.is_test,
        coalesce(order_numbers.order_number = 1, false) as is_first_order,
        orders.order_date,
        order_numbers.customer_first_order_date,
        order_numbers.previous_order_date,
        orders.ordered_at,
        order_numbers.previous_order_at,
        orders.updated_at,
        orders._loaded_at
    from orders
    left join order_numbers
        on orders.order_id = order_numbers.order_id
)

select * from measured
