{% macro total_sales(net_sales, shipping, refunded_shipping, tax, refunded_tax) -%}
    {{ net_sales }} + {{ shipping }} - {{ refunded_shipping }} + {{ tax }} - {{ refunded_tax }}
{%- endmacro %}
