{% macro purchase_frequency(orders, active_customers) -%}
    {{ ratio(orders, active_customers) }}
{%- endmacro %}
