{% macro loyalty_discount_rate(loyalty_discounts, gross_sales) -%}
    {{ ratio(loyalty_discounts, gross_sales) }}
{%- endmacro %}
