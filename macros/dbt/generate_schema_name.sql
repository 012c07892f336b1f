{#- A schema is called what dbt_project.yml calls it (marts, staging, quarantine, ...), not
    <target schema>_marts: the database file is the environment. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
