{% macro find_raw_schema_table(schema, table_name) -%}
    {%- set columns = {} -%}
    {%- for name, data_type in columns_of_raw_schema_table(schema, table_name) -%}
        {%- do columns.update({name | trim | lower: {'identifier': adapter.quote(name), 'type': data_type | lower}}) -%}
    {%- endfor -%}
    {{ return({'from': schema ~ '.' ~ table_name, 'columns': columns, 'home': schema ~ '.' ~ table_name} if columns else none) }}
{%- endmacro %}
