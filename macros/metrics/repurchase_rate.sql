{% macro repurchase_rate(repurchased_customers, eligible_customers) -%}
    {{ ratio(repurchased_customers, eligible_customers) }}
{%- endmacro %}
