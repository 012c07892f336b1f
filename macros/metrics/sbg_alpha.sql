{% macro sbg_alpha(log_odds, beta, earlier_tenures) -%}
    exp({{ log_odds }}) * ({{ beta }} + {{ earlier_tenures }})
{%- endmacro %}
