{% macro row_as_json(row_alias) -%}
    {{ return(adapter.dispatch('row_as_json')(row_alias)) }}
{%- endmacro %}

{% macro default__row_as_json(row_alias) -%}
    to_json(struct({{ row_alias }}.*))
{%- endmacro %}

{% macro duckdb__row_as_json(row_alias) -%}
    cast(to_json({{ row_alias }}) as {{ dbt.type_string() }})
{%- endmacro %}


{% macro hash_of_columns(columns) -%}
    md5(concat_ws(
        '|'
        {%- for column in columns %},
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), '')
        {%- endfor %}
    ))
{%- endmacro %}


{% macro keyed_hash(expression) -%}
    {{ return(adapter.dispatch('keyed_hash')(expression)) }}
{%- endmacro %}

{% macro default__keyed_hash(expression) -%}
    sha2(concat('{{ hash_key() }}', ':', {{ expression }}), 256)
{%- endmacro %}

{% macro duckdb__keyed_hash(expression) -%}
    sha256('{{ hash_key() }}' || ':' || {{ expression }})
{%- endmacro %}

{% macro hash_key() -%}
    {{ env_var('RETENTION_HASH_KEY', 'public key of the demo data') | replace("'", "''") }}
{%- endmacro %}
