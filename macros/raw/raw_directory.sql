{% macro raw_directory() -%}
    {%- set directory = env_var('RETENTION_RAW_DIR', 'demo/data/raw') -%}
    {{ return(directory.rstrip('/') or '/') }}
{%- endmacro %}
