{% macro fees_less_benefits(fee_revenue, benefits_used) -%}
    {{ fee_revenue }} - ({{ benefits_used }})
{%- endmacro %}
