{#- A whole row as one value. It is made JSON where it is stored, in quarantine: made in the view,
    it would be made for every row that passes a join. -#}
{% macro row_as_struct(row_alias) -%}
    {{ return(adapter.dispatch('row_as_struct')(row_alias)) }}
{%- endmacro %}

{% macro default__row_as_struct(row_alias) -%}
    struct({{ row_alias }}.*)
{%- endmacro %}

{% macro duckdb__row_as_struct(row_alias) -%}
    {{ row_alias }}
{%- endmacro %}


{% macro struct_as_json(struct_column) -%}
    cast(to_json({{ struct_column }}) as {{ dbt.type_string() }})
{%- endmacro %}


{% macro hash_of_columns(columns) -%}
    md5(concat_ws(
        '|'
        {%- for column in columns %},
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), '')
        {%- endfor %}
    ))
{%- endmacro %}


{#- 128 of SHA-256's 256 bits: two addresses will never meet, and guests carry it through every table. -#}
{% macro keyed_hash(expression) -%}
    {{ return(adapter.dispatch('keyed_hash')(expression)) }}
{%- endmacro %}

{% macro default__keyed_hash(expression) -%}
    substr(sha2(concat({{ text_literal(hash_key()) }}, ':', {{ expression }}), 256), 1, 32)
{%- endmacro %}

{% macro duckdb__keyed_hash(expression) -%}
    substr(sha256({{ text_literal(hash_key()) }} || ':' || {{ expression }}), 1, 32)
{%- endmacro %}

{% macro hash_key() -%}
    {{ return(env_var('RETENTION_HASH_KEY', 'public key of the demo data')) }}
{%- endmacro %}


{#- 60 bits of a hash of the columns, as a number: the same in every build and on every engine. -#}
{% macro surrogate_number(columns) -%}
    {{ return(adapter.dispatch('surrogate_number')(columns)) }}
{%- endmacro %}

{% macro default__surrogate_number(columns) -%}
    cast(conv(substr({{ hash_of_columns(columns) }}, 1, 15), 16, 10) as bigint)
{%- endmacro %}

{% macro duckdb__surrogate_number(columns) -%}
    cast('0x' || substr({{ hash_of_columns(columns) }}, 1, 15) as bigint)
{%- endmacro %}


{#- Aggregate: a number that is the same for the same rows in any order. Only an engine of one release can tell: hashes of
    the next may differ. -#}
{% macro checksum_of_rows(columns) -%}
    {{ return(adapter.dispatch('checksum_of_rows')(columns)) }}
{%- endmacro %}

{% macro default__checksum_of_rows(columns) -%}
    sum(cast(xxhash64({{ columns | join(', ') }}) as decimal(38, 0)))
{%- endmacro %}

{% macro duckdb__checksum_of_rows(columns) -%}
    sum(hash({{ columns | join(', ') }}))
{%- endmacro %}
