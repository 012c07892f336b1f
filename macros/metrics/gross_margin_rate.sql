{% macro gross_margin_rate(gross_margin, net_sales) -%}
    coalesce({{ ratio(gross_margin, net_sales) }}, {{ var('gross_margin_rate') }})
{%- endmacro %}
