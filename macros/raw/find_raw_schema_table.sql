{% macro find_raw_schema_table(schema, table_name) -%}
    {#- Not adapter.get_relation: for a schema that dbt has not cached it opens a transaction that
        takes the conformed views with it. -#}
    {%- set parts = schema.split('.') -%}
    {%- set columns = {} -%}
    {%- for row in run_query(
        "select column_name, data_type from information_schema.columns where lower(table_name) = '" ~ table_name
        ~ "' and lower(table_schema) = '" ~ parts[-1] | lower | replace("'", "''") ~ "'"
        ~ (" and lower(table_catalog) = '" ~ parts[0] | lower | replace("'", "''") ~ "'" if parts | length > 1 else '')
        ~ ' order by ordinal_position'
    ) -%}
        {%- do columns.update({
            row[0] | trim | lower: {'identifier': adapter.quote(row[0]), 'type': row[1] | lower}
        }) -%}
    {%- endfor -%}
    {{ return({'from': schema ~ '.' ~ table_name, 'columns': columns, 'home': schema ~ '.' ~ table_name} if columns else none) }}
{%- endmacro %}
