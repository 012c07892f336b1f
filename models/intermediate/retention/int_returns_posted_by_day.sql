{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['date_day', 'segment_combination']
) }}

-- Refunds that are posted on another day than their order's: taken off the one, put on the other. What is
-- left are the returns of each day as the shop's till has them.

-- depends_on: {{ ref('int_as_of_before') }}
-- depends_on: {{ ref('int_batch_refunds_before') }}
-- depends_on: {{ ref('int_touched_customers') }}

with customers as (
    select * from {{ ref('int_customer_changes') }}
),

refunds as (
    select
        refunds.customer_id,
        refunds.refund_amount,
        refunds.order_date,
        refunds.refund_date,
        refunds.posted_date,
        1 as weight,
        as_of.as_of_date
    from {{ ref('fct_refunds') }} as refunds
    cross join {{ ref('int_as_of') }} as as_of
    where refunds.is_counted and refunds.posted_date <> refunds.order_date
    {%- if is_batch() %}
    union all
    select
        refunds.customer_id,
        refunds.refund_amount,
        refunds.order_date,
        refunds.refund_date,
        refunds.posted_date,
        -1 as weight,
        as_of.as_of_date
    from {{ ref('int_batch_refunds_before') }} as refunds
    cross join {{ ref('int_as_of_before') }} as as_of
    where refunds.is_counted and refunds.posted_date <> refunds.order_date
    union all
    -- Of customers who are counted again only since as_of has moved: refunds are what they were.
    select
        refunds.customer_id,
        refunds.refund_amount,
        refunds.order_date,
        refunds.refund_date,
        refunds.posted_date,
        -1 as weight,
        as_of.as_of_date
    from {{ ref('fct_refunds') }} as refunds
    cross join {{ ref('int_as_of_before') }} as as_of
    left join (select distinct customer_id from {{ ref('int_touched_customers') }}) as touched_customers
        on refunds.customer_id = touched_customers.customer_id
    where refunds.is_counted and refunds.posted_date <> refunds.order_date and touched_customers.customer_id is null
    {%- endif %}
),

known_refunds as (
    select
        refunds.weight * refunds.refund_amount as refund_amount,
        customers.segment_combination,
        refunds.order_date,
        refunds.posted_date
    from refunds
    inner join customers
        on
            refunds.customer_id = customers.customer_id
            and refunds.weight = customers.weight
    where refunds.refund_date <= refunds.as_of_date and refunds.order_date <= refunds.as_of_date
),

changes as (
    select
        segment_combination,
        posted_date as date_day,
        refund_amount as returns_change
    from known_refunds
    union all
    select
        segment_combination,
        order_date as date_day,
        -refund_amount as returns_change
    from known_refunds
),

changes_by_day as (
    select
        date_day,
        segment_combination,
        cast(sum(returns_change) as decimal(28, 4)) as returns_change
    from changes
    group by 1, 2
)

select * from changes_by_day
