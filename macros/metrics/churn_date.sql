{% macro churn_date(last_order_date) -%}
    {{ add_days(last_order_date, var('churn_after_days') + 1) }}
{%- endmacro %}
