{% macro interval_change(days_before, days_after) -%}
    ln({{ ratio(days_before, days_after) }})
{%- endmacro %}
