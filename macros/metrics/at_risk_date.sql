{% macro at_risk_date(last_order_date) -%}
    {{ add_days(last_order_date, [var('at_risk_after_days'), var('churn_after_days')] | min + 1) }}
{%- endmacro %}
