{#- Whether this engine builds by batches: deletes rows of tables and commits several statements as one. Elsewhere each
    run builds everything anew. -#}
{% macro keeps_batches() -%}
    {{ return(adapter.dispatch('keeps_batches')()) }}
{%- endmacro %}

{% macro default__keeps_batches() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro duckdb__keeps_batches() -%}
    {{ return(true) }}
{%- endmacro %}
