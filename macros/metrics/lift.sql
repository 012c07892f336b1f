{% macro interval_change(days_before, days_after) -%}
    ln({{ ratio(days_before, days_after) }})
{%- endmacro %}


{#- The effect is a difference of logarithms. -#}
{% macro relative_lift(effect) -%}
    exp({{ effect }}) - 1
{%- endmacro %}


{% macro absolute_lift(mean_after, effect) -%}
    {{ mean_after }} * (1 - exp(-({{ effect }})))
{%- endmacro %}


{% macro absolute_lift_error(mean_after, effect, effect_error) -%}
    abs({{ mean_after }}) * exp(-({{ effect }})) * {{ effect_error }}
{%- endmacro %}


{#- NULL where there are fewer than two customers on a side: the sample variance is. -#}
{% macro difference_error(variance, customers, other_variance, other_customers) -%}
    sqrt({{ ratio(variance, customers) }} + {{ ratio(other_variance, other_customers) }})
{%- endmacro %}
