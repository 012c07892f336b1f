{% macro find_raw_schema_table(schema, table_name) -%}
    {%- set parts = schema.split('.') -%}
    {%- set relation = adapter.get_relation(
        database=parts[0] if parts | length > 1 else target.database, schema=parts[-1], identifier=table_name
    ) -%}
    {%- if relation is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do columns.update({
            column.name | trim | lower: {'identifier': adapter.quote(column.name), 'type': column.data_type | lower}
        }) -%}
    {%- endfor -%}
    {{ return({'from': relation | string, 'columns': columns, 'home': relation | string}) }}
{%- endmacro %}
