{#- A list of structs, aggregated from rows, in the order of their fields. `columns` maps field names to expressions. -#}
{% macro list_of_structs(columns) -%}
    {{ return(adapter.dispatch('list_of_structs')(columns)) }}
{%- endmacro %}

{% macro default__list_of_structs(columns) -%}
    array_sort(collect_list(named_struct(
        {%- for name, expression in columns.items() %}'{{ name }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor -%}
    )))
{%- endmacro %}

{% macro duckdb__list_of_structs(columns) -%}
    list_sort(list({
        {%- for name, expression in columns.items() %}'{{ name }}': {{ expression }}{{ ', ' if not loop.last }}{% endfor -%}
    }))
{%- endmacro %}


{% macro unnested_structs(list_expression) -%}
    {{ return(adapter.dispatch('unnested_structs')(list_expression)) }}
{%- endmacro %}

{% macro default__unnested_structs(list_expression) -%}
    inline({{ list_expression }})
{%- endmacro %}

{% macro duckdb__unnested_structs(list_expression) -%}
    unnest({{ list_expression }}, recursive := true)
{%- endmacro %}
