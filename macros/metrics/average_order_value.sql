{% macro average_order_value(sales, orders) -%}
    {{ ratio(sales, orders) }}
{%- endmacro %}
