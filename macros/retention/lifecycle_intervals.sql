{#- Two CTEs, states and lifecycle: what would follow from each order day of the CTE `order_days` if no other came, cut
    where the next one does come. For fct_customer_lifecycle, and for the sums of its changes. -#}
{% macro lifecycle_intervals(columns) -%}
states as (
    select
        {{ columns | join(', ') }},
        state_after_order as state,
        order_date as valid_from,
        {{ at_risk_date('order_date') }} as next_state_from,
        order_date,
        next_order_date
    from order_days
    union all
    select
        {{ columns | join(', ') }},
        'at_risk' as state,
        {{ at_risk_date('order_date') }} as valid_from,
        {{ churn_date('order_date') }} as next_state_from,
        order_date,
        next_order_date
    from order_days
    union all
    select
        {{ columns | join(', ') }},
        'churned' as state,
        {{ churn_date('order_date') }} as valid_from,
        cast(null as date) as next_state_from,
        order_date,
        next_order_date
    from order_days
),

lifecycle as (
    select
        {{ columns | join(', ') }},
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
{%- endmacro %}
