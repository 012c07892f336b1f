{% macro lifecycle_state(day, last_order_date, state_after_order) -%}
    case
        when {{ day }} < {{ at_risk_date(last_order_date) }} then {{ state_after_order }}
        when {{ day }} < {{ churn_date(last_order_date) }} then 'at_risk'
        when {{ last_order_date }} is not null then 'churned'
    end
{%- endmacro %}
