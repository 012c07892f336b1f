{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'order_id': 'int_touched_orders'}}
) }}

-- depends_on: {{ ref('int_touched_customers') }}
-- depends_on: {{ ref('int_touched_orders') }}

-- What decides an order's customer, money and number, without what is only carried along: the window
-- sees narrow rows, and fct_orders joins them to the wide ones. Only counted orders with a customer are
-- numbered; a NULL in a partition would make every guest order the repeat of another guest's.

with standing as (
    {{ standing_versions(ref('int_orders_judged'), ref('int_order_versions')) }}
),

identities as (
    select * from {{ ref('int_order_identities') }}
),

resolved as (
    select
        standing.order_id,
        coalesce(identities.customer_id, standing.customer_id) as customer_id,
        identities.guest_customer_id,
        standing.exchange_rate,
        standing.subtotal_amount - standing.discount_amount as refundable_amount,
        standing.is_counted_status
        and not standing.is_test
        and not coalesce(identities.is_test, false) as is_counted,
        standing.is_cancelled,
        standing.is_test or coalesce(identities.is_test, false) as is_test,
        standing.order_date,
        standing.ordered_at
    from standing
    left join identities
        on
            (standing.customer_id is null) = identities.is_guest
            and coalesce(standing.customer_id, lower(standing.email)) = identities.identity_key
),

{%- if is_batch() %}

-- The other orders of the same customers, which may have another number now.
other_orders as (
    select
        orders.order_id,
        orders.customer_id,
        orders.guest_customer_id,
        orders.exchange_rate,
        orders.refundable_amount,
        orders.is_counted,
        orders.is_cancelled,
        orders.is_test,
        orders.order_date,
        orders.ordered_at
    from {{ this }} as orders
    left join (select distinct order_id from {{ ref('int_touched_orders') }}) as touched_orders
        on orders.order_id = touched_orders.order_id
    where
        touched_orders.order_id is null
        and orders.customer_id in (select customer_id from {{ ref('int_touched_customers') }})
),
{%- endif %}

orders_to_number as (
    select * from resolved
    {%- if is_batch() %}
    union all
    select * from other_orders
    {%- endif %}
),

numbered as (
    select
        order_id,
        customer_id,
        guest_customer_id,
        exchange_rate,
        refundable_amount,
        case when is_counted and customer_id is not null then cast(row_number() over customer_orders as bigint) end
            as order_number,
        is_counted,
        is_cancelled,
        is_test,
        order_date,
        case when is_counted and customer_id is not null then first_value(order_date) over customer_orders end
            as customer_first_order_date,
        case when is_counted and customer_id is not null then lag(order_date) over customer_orders end
            as previous_order_date,
        ordered_at,
        case when is_counted and customer_id is not null then lag(ordered_at) over customer_orders end
            as previous_order_at
    from orders_to_number
    window customer_orders as (
        partition by customer_id, is_counted
        order by ordered_at, order_id
    )
)

select * from numbered
