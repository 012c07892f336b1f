{#- A text as SQL writes it, quotes and all. -#}
{% macro text_literal(text) -%}
    {{ return(adapter.dispatch('text_literal')(text)) }}
{%- endmacro %}

{% macro default__text_literal(text) -%}
    {{ return("'" ~ text | string | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") }}
{%- endmacro %}

{% macro duckdb__text_literal(text) -%}
    {{ return("'" ~ text | string | replace("'", "''") ~ "'") }}
{%- endmacro %}


{#- trim() knows blanks alone; exports carry tabs, line ends and the spaces of Unicode (no-break, narrow, ideographic).
    The pattern costs several times as much as the comparisons that pick the cells that need none of it: what begins and
    ends with visible characters of ASCII sorts, itself and reversed, between '!' and '~'. -#}
{% macro trim_text(expression) -%}
    {%- set white_space = '[\\s\\x0b\\x{85}\\p{Z}\\x{200b}\\x{feff}]+' -%}
    case
        when {{ expression }} between '!' and '~' and reverse({{ expression }}) between '!' and '~' then {{ expression }}
        else nullif({{ replace_pattern(expression, '^' ~ white_space ~ '|' ~ white_space ~ '$', '') }}, '')
    end
{%- endmacro %}


{% macro text_matches(expression, pattern) -%}
    {{ return(adapter.dispatch('text_matches')(expression, pattern)) }}
{%- endmacro %}

{% macro default__text_matches(expression, pattern) -%}
    regexp_like({{ expression }}, r'{{ pattern }}')
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


{% macro replace_pattern(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_pattern')(expression, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_pattern(expression, pattern, replacement) -%}
    {{ return('regexp_replace(' ~ expression ~ ", r'" ~ pattern ~ "', r'" ~ replacement.replace('\\', '$') ~ "')") }}
{%- endmacro %}

{% macro duckdb__replace_pattern(expression, pattern, replacement) -%}
    {{ return('regexp_replace(' ~ expression ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')") }}
{%- endmacro %}
