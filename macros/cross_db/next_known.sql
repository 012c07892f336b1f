{#- The value of the row itself or of the first row after it that has one, in a window from the current row onwards. -#}
{% macro next_known(value, window_name) -%}
    {{ return(adapter.dispatch('next_known')(value, window_name)) }}
{%- endmacro %}

{% macro default__next_known(value, window_name) -%}
    first_value({{ value }}, true) over {{ window_name }}
{%- endmacro %}

{% macro duckdb__next_known(value, window_name) -%}
    first_value({{ value }} ignore nulls) over {{ window_name }}
{%- endmacro %}
