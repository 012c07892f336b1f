{% macro quick_ratio(gained, lost) -%}
    {{ ratio(gained, lost) }}
{%- endmacro %}
