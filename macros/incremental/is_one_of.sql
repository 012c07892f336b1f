{#- Is the column among the few values that a batch's model holds? Up to a thousand are written out: a table is then
    read where they lie, and a join reads it whole. -#}
{% macro is_one_of(column, relation) -%}
    {%- set key = column.split('.')[-1] -%}
    {%- set values = run_query('select distinct ' ~ key ~ ' from ' ~ relation ~ ' limit 1001').columns[0].values() -%}
    {%- if values | length == 0 -%}
        false
    {%- elif values | length > 1000 -%}
        {{ column }} in (select {{ key }} from {{ relation }})
    {%- else -%}
        {{ column }} in (
            {%- for value in values %}'{{ value | string | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor -%}
        )
    {%- endif -%}
{%- endmacro %}
