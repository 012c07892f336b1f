{% macro next_order_rate(next_customers, customers) -%}
    {{ ratio(next_customers, customers) }}
{%- endmacro %}
