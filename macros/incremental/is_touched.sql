{#- Of all rows those that this run is about: everything where everything is built anew, else the rows whose
    column is among the touched values. -#}
{% macro is_touched(column, touched, key=none) -%}
    {%- if is_batch() -%}
        {{ column }} in (select {{ key or column.split('.')[-1] }} from {{ touched }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
