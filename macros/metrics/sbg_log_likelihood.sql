{% macro sbg_log_likelihood(left_members, at_risk, tenure, alpha, beta) -%}
    {{ left_members }} * ln({{ alpha }})
    + ({{ at_risk }} - {{ left_members }}) * ln({{ beta }} + {{ tenure }} - 1)
    - {{ at_risk }} * ln({{ alpha }} + {{ beta }} + {{ tenure }} - 1)
{%- endmacro %}
