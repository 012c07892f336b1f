-- Windows run over counted orders with a customer alone: a NULL partition would number
-- every guest order as the repeat of another guest's.

with standing as (
    {{ standing_versions(ref('int_orders_judged')) }}
),

test_customers as (
    select customer_id
    from {{ ref('int_customers') }}
    where is_test
),

orders as (
    select
        standing.order_id,
        standing.customer_id,
        standing.customer_id as source_customer_id,
        standing.campaign_id,
        standing.loyalty_program_id,
        standing.status,
        standing.sales_channel,
        standing.discount_code,
        standing.currency,
        cast(1 as double) as exchange_rate,
        standing.subtotal_amount as gross_sales,
        standing.discount_amount as discounts,
        standing.loyalty_discount_amount as loyalty_discounts,
        standing.refunded_amount as returns,
        standing.shipping_amount as shipping,
        standing.refunded_shipping_amount as refunded_shipping,
        standing.tax_amount as tax,
        standing.refunded_tax_amount as refunded_tax,
        standing.cost_amount as cost,
        standing.is_counted_status
        and not standing.is_test
        and test_customers.customer_id is null as is_counted,
        standing.is_cancelled,
        standing.customer_id is null as is_guest,
        standing.is_test or test_customers.customer_id is not null as is_test,
        standing.ordered_at,
        {{ to_local_date('standing.ordered_at') }} as order_date,
        standing.updated_at,
        standing._loaded_at,
        standing.superseded_versions
    from standing
    left join test_customers
        on standing.customer_id = test_customers.customer_id
),

orders_numbered as (
    select
        *,
        row_number() over customer_orders as order_number,
        lag(ordered_at) over customer_orders as previous_order_at,
        lag(order_date) over customer_orders as previous_order_date,
        first_value(order_date) over customer_orders as customer_first_order_date
    from orders
    where is_counted and customer_id is not null
    window customer_orders as (
        partition by customer_id
        order by ordered_at, order_id
    )
),

orders_not_numbered as (
    select
        *,
        cast(null as bigint) as order_number,
        cast(null as timestamp) as previous_order_at,
        cast(null as date) as previous_order_date,
        cast(null as date) as customer_first_order_date
    from orders
    where not is_counted or customer_id is null
),

all_orders as (
    select * from orders_numbered
    union all
    select * from orders_not_numbered
),

measured as (
    select
        order_id,
        customer_id,
        source_customer_id,
        campaign_id,
        loyalty_program_id,
        status,
        sales_channel,
        discount_code,
        currency,
        exchange_rate,
        gross_sales,
        discounts,
        loyalty_discounts,
        returns,
        cast(gross_sales - discounts - returns as decimal(18, 4)) as net_sales,
        shipping,
        refunded_shipping,
        tax,
        refunded_tax,
        cast(
            gross_sales - discounts - returns + shipping - refunded_shipping + tax - refunded_tax
            as decimal(18, 4)
        ) as total_sales,
        cost,
        cast(gross_sales - discounts - returns - cost as decimal(18, 4)) as gross_margin,
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
        _loaded_at,
        superseded_versions
    from all_orders
)

select * from measured
