{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_batch_customers'}}
) }}

-- What would follow from each order day if no other came, cut where the next one does come.

with order_days as (
    select * from {{ ref('int_customer_order_days') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
),

states as (
    select
        customer_id,
        state_after_order as state,
        order_date as valid_from,
        {{ at_risk_date('order_date') }} as next_state_from,
        order_date,
        next_order_date
    from order_days
    union all
    select
        customer_id,
        'at_risk' as state,
        {{ at_risk_date('order_date') }} as valid_from,
        {{ churn_date('order_date') }} as next_state_from,
        order_date,
        next_order_date
    from order_days
    union all
    select
        customer_id,
        'churned' as state,
        {{ churn_date('order_date') }} as valid_from,
        cast(null as date) as next_state_from,
        order_date,
        next_order_date
    from order_days
),

lifecycle as (
    select
        customer_id,
        state,
        valid_from,
        case
            when next_order_date < next_state_from then next_order_date
            else coalesce(next_state_from, next_order_date)
        end as valid_to,
        order_date
    from states
    where
        coalesce(next_order_date > valid_from, true)
        -- Where at_risk_after_days is not below churn_after_days nobody is at risk for a day.
        and coalesce(next_state_from > valid_from, true)
)

select * from lifecycle
