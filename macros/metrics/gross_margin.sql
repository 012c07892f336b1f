{% macro gross_margin(net_sales, cost) -%}
    {{ net_sales }} - {{ cost }}
{%- endmacro %}
