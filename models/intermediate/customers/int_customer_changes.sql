{{ config(materialized='increment') }}

-- The customers of the reports as they are now, with weight 1, and in a batch as they were before it, with -1.

-- depends_on: {{ ref('int_batch_customers') }}
-- depends_on: {{ ref('int_batch_customer_segments_before') }}

with changes as (
    select
        customer_id,
        segment_combination,
        first_order_date,
        last_order_date,
        cast(1 as bigint) as weight
    from {{ ref('int_customer_segments') }}
    {%- if is_batch() %}
    where customer_id in (select customer_id from {{ ref('int_batch_customers') }})
    union all
    select
        customer_id,
        segment_combination,
        first_order_date,
        last_order_date,
        cast(-1 as bigint) as weight
    from {{ ref('int_batch_customer_segments_before') }}
    {%- endif %}
)

select * from changes
