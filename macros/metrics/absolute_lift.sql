{% macro absolute_lift(mean_after, effect) -%}
    {{ mean_after }} * (1 - exp(-({{ effect }})))
{%- endmacro %}
