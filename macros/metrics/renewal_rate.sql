{% macro renewal_rate(left_members, at_risk) -%}
    {{ ratio('(' ~ at_risk ~ ') - (' ~ left_members ~ ')', at_risk) }}
{%- endmacro %}
