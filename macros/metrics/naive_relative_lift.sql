{% macro naive_relative_lift(members_mean, non_members_mean) -%}
    {{ ratio('(' ~ members_mean ~ ') - (' ~ non_members_mean ~ ')', non_members_mean) }}
{%- endmacro %}
