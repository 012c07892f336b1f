{% macro trim_text(expression) -%}
    {{ return(adapter.dispatch('trim_text')(expression)) }}
{%- endmacro %}

{% macro default__trim_text(expression) -%}
    nullif(trim({{ expression }}), '')
{%- endmacro %}

{#- DuckDB's trim() knows blanks alone; exports carry tabs, line ends and no-break spaces. With a
    list of characters it costs three times as much, so a pattern picks the cells that need it. -#}
{% macro duckdb__trim_text(expression) -%}
    nullif(
        case
            when regexp_matches({{ expression }}, '^[\s\x{00a0}\x{feff}]|[\s\x{00a0}\x{feff}]$')
                then trim({{ expression }}, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160) || chr(65279))
            else {{ expression }}
        end,
        ''
    )
{%- endmacro %}


{% macro text_matches(expression, pattern) -%}
    {{ return(adapter.dispatch('text_matches')(expression, pattern)) }}
{%- endmacro %}

{% macro default__text_matches(expression, pattern) -%}
    regexp_like({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro duckdb__text_matches(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}


{% macro sort_reasons(reasons) -%}
    {{ return(adapter.dispatch('sort_reasons')(reasons)) }}
{%- endmacro %}

{% macro default__sort_reasons(reasons) -%}
    array_join(array_sort(split({{ reasons }}, ',')), ',')
{%- endmacro %}

{% macro duckdb__sort_reasons(reasons) -%}
    array_to_string(list_sort(string_split({{ reasons }}, ',')), ',')
{%- endmacro %}
