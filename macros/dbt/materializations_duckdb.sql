{#- In place of dbt-duckdb's, which rename what stands and what is made, drop it, and ask for columns four or five times.
    For each of these dbt gives a macro all macros as its context: a third of what it cost in a day of few rows. -#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {{ return(replace_relation('table')) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {{ return(replace_relation('view')) }}
{% endmaterialization %}


{% materialization incremental, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {{ return(replace_relation('table')) }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- set rows_of_batch = make_temp_relation(existing).include(database=False, schema=False) -%}
    {%- do run_query(create_table_as(True, rows_of_batch, compiled_code)) -%}
    {%- set columns = described_columns(existing) -%}
    {%- if columns | map('string') | sort != described_columns(rows_of_batch) | map('string') | sort -%}
        {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
        {%- set columns = process_schema_changes(on_schema_change, rows_of_batch, existing) or columns -%}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default')({
            'target_relation': existing,
            'temp_relation': rows_of_batch,
            'unique_key': config.get('unique_key'),
            'dest_columns': columns,
            'incremental_predicates': config.get('incremental_predicates'),
        }) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [existing]}) }}
{% endmaterialization %}


{% macro described_columns(relation) -%}
    {%- set columns = [] -%}
    {%- for row in run_query('describe ' ~ relation) -%}
        {%- do columns.append(api.Column.create(row['column_name'], row['column_type'])) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{% macro replace_relation(kind) %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type=kind) -%}
    {#- A model may read what it was, which goes when the new one is there. -#}
    {%- set made = make_intermediate_relation(relation) if existing else relation -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main', language=model.language) -%}
        {{- create_view_as(made, compiled_code) if kind == 'view'
            else create_table_as(False, made, compiled_code, model.language) -}}
    {%- endcall -%}
    {%- if existing -%}
        {%- call statement('replace') -%}
            drop {{ existing.type }} {{ existing }};
            alter {{ kind }} {{ made }} rename to {{ adapter.quote(relation.identifier) }}
        {%- endcall -%}
    {%- endif -%}
    {%- do create_indexes(relation) if kind == 'table' -%}
    {%- do persist_docs(relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}
