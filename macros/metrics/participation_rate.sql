{% macro participation_rate(participating_members, members) -%}
    {{ ratio(participating_members, members) }}
{%- endmacro %}
