{{ config(materialized='incremental', incremental_strategy='replaced') }}

-- depends_on: {{ ref('int_batch_later_refunds_before') }}

-- Refunds dated after as_of of orders that are not: facts hold them, reports as of as_of do not know them
-- yet, and add them back. A refund touches the margin only of an order whose cost is known.

with refunds as (
    select
        refunds.*,
        refunds.refunded_shipping_amount + refunds.refunded_tax_amount as other_amounts
    from {{ ref('fct_refunds') }} as refunds
    cross join {{ ref('int_as_of') }} as as_of
    where
        refunds.is_counted
        and refunds.refund_date > as_of.as_of_date
        and refunds.order_date <= as_of.as_of_date
),

orders as (
    select
        order_id,
        loyalty_program_id,
        cost,
        customer_first_order_date
    from {{ ref('fct_orders') }}
),

later_refunds as (
    select
        refunds.order_id,
        refunds.customer_id,
        orders.loyalty_program_id,
        refunds.order_date,
        orders.customer_first_order_date,
        refunds.refund_amount as returns,
        refunds.refund_amount + refunds.other_amounts as total_sales,
        case when orders.cost is not null then refunds.refund_amount end as gross_margin
    from refunds
    inner join orders
        on refunds.order_id = orders.order_id
)

select * from later_refunds
