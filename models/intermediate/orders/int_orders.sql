-- The version of each order that stands, with its local date and whether it counts.

{{ config(materialized='view') }}

with standing as (
    {{ standing_versions(ref('int_orders_judged'), ref('int_order_versions')) }}
),

test_customers as (
    select customer_id
    from {{ ref('int_customers') }}
    where is_test
),

resolved as (
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
        standing._loaded_at
    from standing
    left join test_customers
        on standing.customer_id = test_customers.customer_id
)

select * from resolved
