{{ config(materialized='increment') }}

-- What is given back to a customer's order day for refunds after as_of, with weight 1, and in a batch what was given
-- back before it, with -1. Order days have the net sales of the facts; who sums them joins these by day and weight.

-- depends_on: {{ ref('int_batch_later_refunds_before') }}

with changes as (
    select
        customer_id,
        order_date,
        sum(returns) as returns,
        cast(1 as bigint) as weight
    from {{ ref('int_later_refunds') }}
    where customer_id is not null
    group by 1, 2
    {%- if is_batch() %}
    union all
    select
        customer_id,
        order_date,
        sum(returns) as returns,
        cast(-1 as bigint) as weight
    from {{ ref('int_batch_later_refunds_before') }}
    where customer_id is not null
    group by 1, 2
    {%- endif %}
)

select * from changes
