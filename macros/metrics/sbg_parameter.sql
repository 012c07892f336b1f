{% macro sbg_parameter(log_size, log_odds) -%}
    exp({{ log_size }}) / (1 + exp(-({{ log_odds }})))
{%- endmacro %}
