{#- What begin_batch decided for this run: batch, base_batch (none: everything is built anew).
    Commands that build nothing, and unit tests, see everything. -#}
{% macro this_batch() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] and model.resource_type != 'unit_test' -%}
        {%- set decided = graph.batch_of_run -%}
        {%- if decided and decided.invocation_id == invocation_id -%}
            {{ return(decided) }}
        {%- endif -%}
        {{ exceptions.raise_compiler_error('No batch was begun in this run: the hook conform_raw_tables has to stand in on-run-start.') }}
    {%- endif -%}
    {{ return({'batch': 0, 'base_batch': none}) }}
{%- endmacro %}


{#- Does this run take in what is new, or everything? -#}
{% macro is_batch() -%}
    {{ return(this_batch().base_batch is not none) }}
{%- endmacro %}


{#- In place of dbt's own: the flag alone does not know what begin_batch found. -#}
{% macro should_full_refresh() -%}
    {{ return(not is_batch()) }}
{%- endmacro %}


{#- Rows that this run has to read: those loaded since the base, at its very last moment too where that has grown, and
    those that do not say when they were loaded. A literal, so that files and row groups are pruned by it. -#}
{% macro is_new(table_name) -%}
    {{ return(this_batch().new_rows[table_name]) }}
{%- endmacro %}


{#- After every incremental model and every increment, in its transaction: the batch that it now holds. What --empty
    builds is nothing to go on from. -#}
{% macro record_batch() -%}
    {%- if config.get('materialized') in ['incremental', 'increment'] and not flags.EMPTY and keeps_batches() -%}
        insert into state.models values ('{{ model.name }}', {{ this_batch().batch }})
    {%- endif -%}
{%- endmacro %}


{#- A model of this project as it stands, before this run has come to it. No ref: the model may lie
    downstream of its reader, which wants to know what it is about to change. -#}
{% macro as_it_stood(model_name) -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == model_name -%}
        {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
    {%- endfor -%}
{%- endmacro %}
