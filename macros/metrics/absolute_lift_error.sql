{% macro absolute_lift_error(mean_after, effect, effect_error) -%}
    abs({{ mean_after }}) * exp(-({{ effect }})) * {{ effect_error }}
{%- endmacro %}
