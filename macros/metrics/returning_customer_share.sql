{% macro returning_customer_share(returning_customers, active_customers) -%}
    {{ ratio(returning_customers, active_customers) }}
{%- endmacro %}
