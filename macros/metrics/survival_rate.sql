{#- Where nobody is left of those at risk the logarithm has no value: from there on nobody survives. -#}
{% macro survival_rate(left_members, at_risk, window) -%}
    case
        when max(case when {{ left_members }} = {{ at_risk }} then 1 else 0 end) over {{ window }} = 1 then 0e0
        else exp(sum(ln(nullif({{ renewal_rate(left_members, at_risk) }}, 0))) over {{ window }})
    end
{%- endmacro %}
