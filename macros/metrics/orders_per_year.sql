{% macro orders_per_year(orders, customer_age_days) -%}
    {{ ratio(orders ~ ' * 365', 'greatest(' ~ customer_age_days ~ ', 365)') }}
{%- endmacro %}
