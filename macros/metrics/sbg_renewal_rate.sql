{% macro sbg_renewal_rate(alpha, beta, tenure) -%}
    {{ ratio('(' ~ beta ~ ') + (' ~ tenure ~ ') - 1', '(' ~ alpha ~ ') + (' ~ beta ~ ') + (' ~ tenure ~ ') - 1') }}
{%- endmacro %}
