{#- Makes one view conformed.<table> per raw table that models/staging/_raw__sources.yml declares.
    A hook, because a model that reads `graph` cannot be unit tested. -#}
{% macro conform_raw_tables() -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test', 'snapshot'] -%}
        {%- do check_vars() -%}
        {%- set raw_schema = env_var('RETENTION_RAW_SCHEMA', '') -%}
        {%- for schema in ['conformed', 'raw_text'] -%}
            {%- do adapter.create_schema(api.Relation.create(database=target.get('database'), schema=schema)) -%}
        {%- endfor -%}
        {%- set unread, conformed, found_tables = [], {}, {} -%}
        {%- for source in graph.sources.values() | selectattr('source_name', 'equalto', 'raw') -%}
            {%- set found = find_raw_schema_table(raw_schema, source.name) if raw_schema else find_raw_files(source.name) -%}
            {#- A debug message; `make doctor` listens to it. -#}
            {%- do log('raw table ' ~ source.name ~ ' ' ~ tojson(found)) -%}
            {%- do check_indispensable_columns(source, found, raw_schema) -%}
            {%- do found_tables.update({source.name: found}) -%}
            {%- do conformed.update({source.name: conformed_select(source, found)}) -%}
            {#- No run_query: of a statement that returns nothing a Thrift server has no rows to fetch. -#}
            {%- call statement(auto_begin=false) -%}
                create or replace view conformed.{{ source.name }} as {{ conformed[source.name] }}
            {%- endcall -%}
            {#- raw_row carries columns that nobody declared, too. Where a table lies makes no difference to its rows. -#}
            {%- if found -%}
                {%- do conformed.update({source.name: conformed[source.name] | replace(found.from, '') ~ tojson(found.columns)}) -%}
            {%- endif -%}
            {%- if found and not is_read_by_a_model(source) -%}
                {%- do unread.append(source.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if unread -%}
            {%- do log('Raw tables that no model reads yet: ' ~ unread | join(', ') ~ '.', info=true) -%}
        {%- endif -%}
        {%- set not_read = [] if raw_schema else raw_files_not_read(found_tables) -%}
        {%- if not_read -%}
            {%- do log(
                'Not read in ' ~ raw_directory() ~ ': ' ~ not_read[:5] | join(', ')
                ~ (' and ' ~ (not_read | length - 5) ~ ' more' if not_read | length > 5) ~ '. `make doctor` says why.',
                info=true
            ) -%}
        {%- endif -%}
        {%- do begin_batch(conformed, found_tables) -%}
    {%- endif -%}
{%- endmacro %}


{% macro is_read_by_a_model(source) -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and source.unique_id in node.depends_on.nodes -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}


{% macro check_indispensable_columns(source, found, raw_schema) -%}
    {%- set missing = [] -%}
    {%- for column in source.columns.values() if column.config.meta.indispensable -%}
        {%- if found is none or column.name not in found.columns -%}
            {%- do missing.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing and found is none and raw_schema -%}
        {%- do exceptions.raise_compiler_error(
            'No raw table ' ~ source.name ~ ' in ' ~ raw_schema ~ ': RETENTION_RAW_SCHEMA must name the schema that holds it.'
        ) -%}
    {%- elif missing and found is none -%}
        {%- do exceptions.raise_compiler_error(
            'No raw table ' ~ source.name ~ ' in ' ~ raw_directory() ~ ': put ' ~ source.name ~ '.parquet, ' ~ source.name
            ~ '.csv, ' ~ source.name ~ '.csv.gz or a folder ' ~ source.name ~ '/ of these there (RETENTION_RAW_DIR names the directory).'
        ) -%}
    {%- elif missing -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ source.name ~ ' lacks ' ~ missing | join(', ') ~ ' in ' ~ found.home
            ~ '. It has: ' ~ found.columns.keys() | join(', ') ~ '.'
        ) -%}
    {%- endif -%}
{%- endmacro %}


{#- The SELECT of one conformed view. `found` is none for an absent table: no rows, right types. Cells are trimmed in a
    subquery of their own, since what parses them names each up to twenty times: with the trimming inside, the view of orders
    had 69,000 characters, and a Hive metastore on Derby keeps 32,700. -#}
{% macro conformed_select(source, found) -%}
    {%- set present = found.columns if found else {} -%}
    {%- set parsed = {} -%}
    {%- for column in source.columns.values() if column.name in present -%}
        {%- do parsed.update({column.name: parse_cell(column, 'cells.' ~ column.name, present[column.name].type)}) -%}
    {%- endfor -%}
    {%- set reasons = {} -%}
    {%- for column in source.columns.values() if column.config.meta.required -%}
        {%- do reasons.update({
            'missing_' ~ column.name: parsed[column.name].is_blank if column.name in parsed else 'true'
        }) -%}
    {%- endfor -%}
    {%- for name in parsed if parsed[name].is_unparseable -%}
        {%- do reasons.update({'unparseable_' ~ name: parsed[name].is_unparseable}) -%}
    {%- endfor %}
select
    typed_rows.*,
    {{ 'typed_rows.' ~ source.config.meta.key[0] if source.config.meta.key | length == 1 else hash_of_columns(source.config.meta.key) }} as row_key
from (
    select
        {%- for column in source.columns.values() %}
        {{ defaulted_raw_column(column, parsed, source.columns) }} as {{ column.name }},
        {%- endfor %}
        {{ rejection_reasons('cast(null as ' ~ dbt.type_string() ~ ')', reasons) }} as cell_rejection_reasons,
        {{ parsed['_loaded_at'].value if '_loaded_at' in parsed else 'cast(null as timestamp)' }} as arrived_at,
        raw_row
    from (
        select
            {%- for name in parsed %}
            {{ raw_cell(present[name]) }} as {{ name }},
            {%- endfor %}
            {{ row_as_struct('raw_rows') }} as raw_row
        from {{ found.from if found else '(select 1 as nothing) ' }} as raw_rows
        {{ '' if found else 'where false' }}
    ) as cells
) as typed_rows
{%- endmacro %}


{#- A typed cell, or its default where the cell is NULL or the column absent. -#}
{% macro defaulted_raw_column(column, parsed, declared) -%}
    {%- set meta = column.config.meta -%}
    {%- set default = meta.default -%}
    {%- set typed_null = 'cast(null as ' ~ column.data_type ~ ')' -%}
    {%- set value = parsed[column.name].value if column.name in parsed else none -%}
    {%- if default is undefined or default is none -%}
        {{ return(value or typed_null) }}
    {%- elif value and meta.keep_null_cells -%}
        {{ return(value) }}
    {%- endif -%}

    {%- if default is mapping and 'column' in default -%}
        {%- set fallback = parsed[default.column].value if default.column in parsed else typed_null -%}
    {%- elif default is mapping and 'hash_of' in default -%}
        {%- set hashed = [] -%}
        {%- for name in default.hash_of -%}
            {%- do hashed.append(defaulted_raw_column(declared[name], parsed, declared)) -%}
        {%- endfor -%}
        {%- set fallback = hash_of_columns(hashed) -%}
    {%- else -%}
        {%- set literal = var(default.var) if default is mapping else default -%}
        {%- set literal = literal | upper if meta.format == 'code' else literal -%}
        {%- set fallback = 'cast(' ~ text_literal(literal) ~ ' as ' ~ column.data_type ~ ')' -%}
    {%- endif -%}
    {{ return('coalesce(' ~ value ~ ', ' ~ fallback ~ ')' if value else fallback) }}
{%- endmacro %}
