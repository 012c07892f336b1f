{% macro retention_rate(retained_customers, base_customers) -%}
    {{ ratio(retained_customers, base_customers) }}
{%- endmacro %}
