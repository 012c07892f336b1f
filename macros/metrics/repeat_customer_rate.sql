{% macro repeat_customer_rate(repeat_customers, customers) -%}
    {{ ratio(repeat_customers, customers) }}
{%- endmacro %}
