{#- Makes the tables that _landing__sources.yml declares, empty, where the landing gate has not:
    reports of what has landed build without it too. -#}
{% macro make_landing_tables() -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test', 'snapshot'] -%}
        {%- do adapter.create_schema(api.Relation.create(database=target.get('database'), schema='landing')) -%}
        {%- for source in graph.sources.values() | selectattr('source_name', 'equalto', 'landing') -%}
            {%- set columns = [] -%}
            {%- for column in source.columns.values() -%}
                {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
            {%- endfor -%}
            {%- call statement(auto_begin=false) -%}
                create table if not exists landing.{{ source.name }} ({{ columns | join(', ') }})
            {%- endcall -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
