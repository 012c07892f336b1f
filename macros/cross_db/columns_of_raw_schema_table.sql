{% macro columns_of_raw_schema_table(schema, table_name) -%}
    {{ return(adapter.dispatch('columns_of_raw_schema_table')(schema, table_name)) }}
{%- endmacro %}

{% macro default__columns_of_raw_schema_table(schema, table_name) -%}
    {%- set columns = [] -%}
    {%- if run_query('show tables in ' ~ schema ~ " like '" ~ table_name ~ "'").rows -%}
        {#- After the columns, and once more, come those by which files are parted. -#}
        {%- for row in run_query('describe table ' ~ schema ~ '.' ~ table_name) if row[1] and not row[0].startswith('#') -%}
            {%- do columns.append((row[0], row[1])) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}

{#- Not adapter.get_relation: for a schema that dbt has not cached it opens a transaction that takes the conformed
    views with it. -#}
{% macro duckdb__columns_of_raw_schema_table(schema, table_name) -%}
    {%- set parts = schema.split('.') -%}
    {%- set columns = [] -%}
    {%- for row in run_query(
        "select column_name, data_type from information_schema.columns where lower(table_name) = '" ~ table_name
        ~ "' and lower(table_schema) = '" ~ parts[-1] | lower | replace("'", "''") ~ "'"
        ~ (" and lower(table_catalog) = '" ~ parts[0] | lower | replace("'", "''") ~ "'" if parts | length > 1 else '')
        ~ ' order by ordinal_position'
    ) -%}
        {%- do columns.append((row[0], row[1])) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
