{% macro net_sales_retention(net_sales, first_period_net_sales) -%}
    {{ ratio(net_sales, first_period_net_sales) }}
{%- endmacro %}
