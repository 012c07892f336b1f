{#- The value of the row that comes first by another column, of rows that have a value. -#}
{% macro first_by(value, by) -%}
    {{ return(adapter.dispatch('first_by')(value, by)) }}
{%- endmacro %}

{% macro default__first_by(value, by) -%}
    min_by({{ value }}, {{ by }}) filter (where {{ value }} is not null)
{%- endmacro %}

{#- DuckDB looks at no row without a value anyway; told to, it costs a tenth more. -#}
{% macro duckdb__first_by(value, by) -%}
    min_by({{ value }}, {{ by }})
{%- endmacro %}
