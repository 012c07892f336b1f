{% macro net_sales(gross_sales, discounts, returns) -%}
    {{ gross_sales }} - {{ discounts }} - {{ returns }}
{%- endmacro %}
