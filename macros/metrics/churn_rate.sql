{% macro churn_rate(lost_customers, base_customers) -%}
    {{ ratio(lost_customers, base_customers) }}
{%- endmacro %}
