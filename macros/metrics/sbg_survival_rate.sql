{% macro sbg_survival_rate(alpha, beta, tenure, window) -%}
    exp(sum(ln({{ sbg_renewal_rate(alpha, beta, tenure) }})) over {{ window }})
{%- endmacro %}
