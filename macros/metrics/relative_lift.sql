{#- The effect is a difference of logarithms. -#}
{% macro relative_lift(effect) -%}
    exp({{ effect }}) - 1
{%- endmacro %}
