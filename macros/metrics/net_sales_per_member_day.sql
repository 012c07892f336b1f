{% macro net_sales_per_member_day(net_sales, member_days) -%}
    {{ ratio(net_sales, member_days) }}
{%- endmacro %}
