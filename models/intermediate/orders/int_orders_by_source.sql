{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['source_customer_id', 'is_guest']
) }}

-- How many accepted orders came in under an id or, of guests, under an address.

with orders as (
    select
        coalesce(source_customer_id, guest_customer_id) as source_customer_id,
        source_customer_id is null as is_guest,
        weight
    from {{ ref('int_order_changes') }}
),

counted as (
    select
        source_customer_id,
        is_guest,
        {{ count_changes() }} as orders
    from orders
    where source_customer_id is not null
    group by 1, 2
)

select
    source_customer_id,
    is_guest,
    cast(orders as bigint) as orders
from counted
where orders <> 0
