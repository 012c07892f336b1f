{#- What this run has to do, decided once, before the first model.

    A batch is one run. Every incremental model notes in state.models, in its own transaction, the batch
    that it has taken in. The base of a run is the batch that all of them have: from there on rows are new.

    Everything is rebuilt where there is no state to stand on, where a var, a seed, a model or a raw table's
    columns are not what they were, where raw rows came with an earlier _loaded_at, are gone or others than they were, and
    where models hold different batches, as after a run that died: what facts were before it, which sums have to take
    off, is known no more. -#}
{% macro begin_batch(conformed, found_tables) -%}
    {%- if execute and flags.WHICH in ['build', 'run'] and not keeps_batches() -%}
        {%- do share_batch(1, none, {}) -%}
    {%- elif execute and flags.WHICH in ['build', 'run'] -%}
        {%- do make_state_tables() -%}
        {%- set models = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
            {%- if node.config.materialized == 'incremental' -%}
                {%- do models.append(node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set known = run_query(
            "select coalesce(max(batch), 0) as batch, max_by(fingerprint, batch) as fingerprint from state.batches"
        ).rows[0] -%}
        {%- set applied = run_query(
            "select count(*) as models, min(batch) as first_batch, max(batch) as last_batch from (select model_name, max(batch) as batch "
            ~ "from state.models where model_name in ('" ~ models | join("', '") ~ "') group by model_name) as applied"
        ).rows[0] -%}
        {%- set fingerprint = fingerprint_of_build(conformed) -%}
        {#- What was known of a file's rows was known of them as they were read then. -#}
        {%- set stands_on_files = known['fingerprint'] == fingerprint and not flags.FULL_REFRESH -%}
        {%- set watermarks = raw_watermarks(found_tables, stands_on_files) -%}
        {%- set why_full = why_build_in_full(known, fingerprint, applied, models, watermarks) -%}
        {%- set base = none if why_full else applied['first_batch'] -%}
        {%- if why_full and known['batch'] > 0 -%}
            {%- do log('Everything is built anew: ' ~ why_full ~ '.', info=true) -%}
        {%- endif -%}
        {%- set batch = known['batch'] + 1 -%}
        {%- set statements = [] -%}
        {%- if why_full -%}
            {%- do statements.append('delete from state.models') -%}
            {%- do statements.append('drop table state.watermarks') -%}
            {%- do statements.append('create table state.watermarks (' ~ watermark_columns() ~ ')') -%}
        {%- endif -%}
        {%- for table_name in ['batches', 'models', 'watermarks'] -%}
            {%- do statements.append('delete from state.' ~ table_name ~ ' where batch < ' ~ (base or batch)) -%}
        {%- endfor -%}
        {%- do statements.append(
            "delete from state.models where model_name not in ('" ~ models | join("', '") ~ "')"
        ) -%}
        {%- do statements.append('delete from state.raw_files') -%}
        {%- for table_name, seen in watermarks.items() -%}
            {%- do statements.append(
                'insert into state.watermarks values ('
                ~ batch ~ ", '" ~ table_name ~ "', " ~ ("timestamp '" ~ seen.loaded_at ~ "'" if seen.loaded_at else 'null') ~ ', '
                ~ seen.now.earlier_rows ~ ", '" ~ seen.now.earlier_checksum ~ "', "
                ~ seen.now.last_rows ~ ", '" ~ seen.now.last_checksum ~ "', '" ~ seen.now.last_checksum_of_whole_rows ~ "')"
            ) -%}
            {%- set files = [] -%}
            {%- for file in seen.settled_files -%}
                {%- do files.append("('" ~ table_name ~ "', '" ~ file | replace("'", "''") ~ "')") -%}
            {%- endfor -%}
            {%- if files -%}
                {%- do statements.append('insert into state.raw_files values ' ~ files | join(', ')) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do statements.append(
            'insert into state.batches (batch, base_batch, fingerprint) values (' ~ batch ~ ', ' ~ (base or 'null') ~ ', '
            ~ "'" ~ fingerprint | replace("'", "''") ~ "')"
        ) -%}
        {%- do run_query('begin; ' ~ statements | join('; ') ~ '; commit') -%}
        {%- do share_batch(batch, base, new_rows_since(base, watermarks) if base is not none else {}) -%}
    {%- endif -%}
{%- endmacro %}


{#- Models ask hundreds of times, and `graph` is the one thing that all of a run share. -#}
{% macro share_batch(batch, base_batch, new_rows) -%}
    {%- do graph.update({'batch_of_run': {
        'batch': batch,
        'base_batch': base_batch,
        'new_rows': new_rows,
        'invocation_id': invocation_id,
    }}) -%}
{%- endmacro %}


{% macro make_state_tables() -%}
    {%- do adapter.create_schema(api.Relation.create(database=target.get('database'), schema='state')) -%}
    {%- do run_query('create table if not exists state.models (model_name ' ~ dbt.type_string() ~ ', batch bigint)') -%}
    {%- do run_query(
        'create table if not exists state.batches (batch bigint, base_batch bigint, fingerprint '
        ~ dbt.type_string() ~ ')'
    ) -%}
    {%- do run_query('create table if not exists state.watermarks (' ~ watermark_columns() ~ ')') -%}
    {%- do run_query(
        'create table if not exists state.raw_files (table_name ' ~ dbt.type_string() ~ ', file ' ~ dbt.type_string() ~ ')'
    ) -%}
{%- endmacro %}


{#- A part of the fingerprint: an earlier release kept others. -#}
{% macro watermark_columns() -%}
    batch bigint, table_name {{ dbt.type_string() }}, loaded_at timestamp, earlier_rows bigint, {# -#}
    earlier_checksum {{ dbt.type_string() }}, last_rows bigint, last_checksum {{ dbt.type_string() }}, {# -#}
    last_checksum_of_whole_rows {{ dbt.type_string() }}
{%- endmacro %}


{% macro why_build_in_full(known, fingerprint, applied, models, watermarks) -%}
    {%- if flags.FULL_REFRESH -%}
        {{ return('--full-refresh') }}
    {%- elif flags.EMPTY -%}
        {{ return('--empty') }}
    {%- elif known['batch'] == 0 or applied['models'] < models | length -%}
        {{ return('no full build has been finished yet') }}
    {%- elif applied['first_batch'] != applied['last_batch'] -%}
        {{ return('the last build did not reach all models') }}
    {%- endif -%}
    {%- set before, now = fromjson(known['fingerprint']), fromjson(fingerprint) -%}
    {%- set changed = [] -%}
    {%- for name in (before.keys() | list + now.keys() | list) | unique if before.get(name) != now.get(name) -%}
        {%- do changed.append(name) -%}
    {%- endfor -%}
    {%- if changed -%}
        {{ return(changed[:3] | join(', ') ~ (' and ' ~ (changed | length - 3) ~ ' more' if changed | length > 3 else '') ~ ' changed') }}
    {%- endif -%}
    {%- for table_name, seen in watermarks.items() -%}
        {%- set why = why_raw_rows_are_others(seen) -%}
        {%- if why -%}
            {{ return('raw table ' ~ table_name ~ ' ' ~ why) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(why_small_tables_are_others()) }}
{%- endmacro %}


{#- Models that are made whole tell what has changed by comparing themselves with what they were. Of what is no more they
    have no row to tell it with. -#}
{% macro why_small_tables_are_others() -%}
    {%- for table_name, model_name in {'customer_aliases': 'int_customer_alias_ends', 'loyalty_programs': 'int_loyalty_programs'}.items() -%}
        {%- set key = key_of_raw_table(table_name)[0] -%}
        {%- set lost = run_query(
            'select count(*) from ' ~ as_it_stood(model_name) ~ ' where ' ~ key ~ ' not in (select ' ~ key ~ ' from '
            ~ as_it_stood('stg_' ~ table_name) ~ ' where rejection_reasons is null)'
        ).columns[0].values()[0] -%}
        {%- if lost -%}
            {{ return('raw table ' ~ table_name ~ ' has no good row any more of ' ~ lost ~ ' that it had, by ' ~ key) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}


{#- Rows loaded at the last moment may only grow in number: a second file may bear the stamp of the first. -#}
{% macro why_raw_rows_are_others(seen) -%}
    {%- set known, found = seen.known, seen.found -%}
    {%- if not seen.has_loaded_at -%}
        {{ return('has no _loaded_at, which tells new rows from old') }}
    {%- elif not known -%}
        {{ return(none) }}
    {%- elif found.earlier_rows != known.earlier_rows -%}
        {{ return('has ' ~ found.earlier_rows ~ ' rows loaded before ' ~ known.loaded_at ~ ', and had ' ~ known.earlier_rows) }}
    {%- elif found.last_rows < known.last_rows -%}
        {{ return('has ' ~ found.last_rows ~ ' rows loaded at ' ~ known.loaded_at ~ ', and had ' ~ known.last_rows) }}
    {%- elif found.earlier_checksum != known.earlier_checksum
        or (found.last_rows == known.last_rows and found.last_checksum_of_whole_rows != known.last_checksum_of_whole_rows) -%}
        {{ return('has rows loaded until ' ~ known.loaded_at ~ ' that are not those it had') }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{#- What the incremental tables were built from, beside the raw rows, as JSON: name of a thing -> its value or hash. -#}
{% macro fingerprint_of_build(conformed) -%}
    {%- set parts = {'RETENTION_HASH_KEY': local_md5(hash_key()), 'state.watermarks': watermark_columns()} -%}
    {%- for name in vars_of_incremental_models() -%}
        {%- do parts.update({'var ' ~ name: var(name)}) -%}
    {%- endfor -%}
    {%- for table_name, select_statement in conformed.items() -%}
        {%- do parts.update({'raw table ' ~ table_name: local_md5(select_statement)}) -%}
    {%- endfor -%}
    {%- set macros = [] -%}
    {%- for macro in context[project_name].values() if macro.macro.original_file_path.startswith('macros/incremental/') -%}
        {%- do macros.append(macro.macro.unique_id) -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() if node.package_name == project_name -%}
        {%- if node.resource_type == 'seed' -%}
            {%- do parts.update({'seed ' ~ node.name: node.checksum.checksum}) -%}
        {%- elif node.resource_type == 'model' and (node.config.materialized == 'incremental' or node.fqn[1] in ['staging', 'intermediate']) -%}
            {%- do parts.update({'model ' ~ node.name: local_md5(node.raw_code)}) -%}
            {%- do macros.extend(node.depends_on.macros) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do add_macros(parts, macros) -%}
    {{ return(tojson(parts, sort_keys=true)) }}
{%- endmacro %}


{#- This project's own macros of these ids and what they call in turn. dbt knows what a model calls where everything is
    built anew; what only a batch calls stands in macros/incremental. -#}
{% macro add_macros(parts, ids) -%}
    {%- for id in ids if id.startswith('macro.' ~ project_name ~ '.') -%}
        {%- set macro = context[project_name][id.split('.') | last].macro -%}
        {%- if 'macro ' ~ macro.name not in parts -%}
            {%- do parts.update({'macro ' ~ macro.name: local_md5(macro.macro_sql)}) -%}
            {%- do add_macros(parts, macro.depends_on.macros) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{#- Every var but as_of_date, whose moves a batch takes in like other changes, and those that only tables read which
    each run makes anew. tests/python/test_house.py compares this list with dbt_project.yml. -#}
{% macro vars_of_incremental_models() -%}
    {{ return([
        'reporting_timezone', 'raw_timezone', 'week_start', 'fiscal_year_start_month', 'max_customers_per_email',
        'period_grains', 'segments', 'churn_after_days', 'at_risk_after_days',
        'churn_interval_multiplier', 'churn_interval_floor_days', 'churn_interval_ceiling_days', 'at_risk_interval_share',
        'rolling_bucket_days', 'lift_window_days', 'reporting_currency', 'point_value', 'points_expiry', 'item_gap_tolerance',
    ]) }}
{%- endmacro %}


{#- The raw tables that are read by what is new in them. The others are small and read whole. -#}
{% macro tables_read_by_batch() -%}
    {{ return(['customers', 'orders', 'refunds', 'order_items', 'loyalty_transactions', 'loyalty_memberships']) }}
{%- endmacro %}


{% macro raw_watermarks(found_tables, stands_on_files) -%}
    {%- set known, known_files, watermarks = {}, {}, {} -%}
    {%- for row in run_query('select * from state.watermarks where batch = (select max(batch) from state.batches)') -%}
        {%- do known.update({row['table_name']: known_watermark(row)}) -%}
    {%- endfor -%}
    {%- for row in run_query('select * from state.raw_files') if stands_on_files -%}
        {%- do known_files.setdefault(row['table_name'], {}).update({row['file']: true}) -%}
    {%- endfor -%}
    {%- for table_name in tables_read_by_batch() -%}
        {%- set stamps = run_query(
            'select max(arrived_at) as newest, count(*) as raw_rows, count(arrived_at) as stamped_rows from conformed.' ~ table_name
        ).rows[0] -%}
        {%- set known_row = known.get(table_name) -%}
        {%- set moments = [known_row.loaded_at if known_row else none, stamps['newest']] -%}
        {%- set files = files_of_raw_table(found_tables[table_name]) -%}
        {%- set new_files = files_that_came(files, known_files.get(table_name, {})) -%}
        {%- if new_files is none -%}
            {%- set seen = raw_rows_until(table_name, 'conformed.' ~ table_name, moments) -%}
        {%- else -%}
            {%- set seen = rows_known_at(known_row, moments) -%}
            {%- if new_files -%}
                {%- set new_rows = rows_of_files(table_name, found_tables[table_name], new_files) -%}
                {%- set seen = rows_added(seen, raw_rows_until(table_name, new_rows, moments)) -%}
            {%- endif -%}
        {%- endif -%}
        {%- do watermarks.update({table_name: {
            'loaded_at': stamps['newest'],
            'has_loaded_at': stamps['raw_rows'] == 0 or stamps['stamped_rows'] > 0,
            'known': known_row,
            'found': seen[0],
            'now': seen[1],
            'settled_files': settled_files(files),
        }}) -%}
    {%- endfor -%}
    {{ return(watermarks) }}
{%- endmacro %}


{#- An earlier release kept other columns. -#}
{% macro known_watermark(row) -%}
    {%- set known = {'loaded_at': row['loaded_at']} -%}
    {%- for name in ['earlier_rows', 'earlier_checksum', 'last_rows', 'last_checksum', 'last_checksum_of_whole_rows'] -%}
        {%- do known.update({name: row.get(name) | int}) -%}
    {%- endfor -%}
    {{ return(known) }}
{%- endmacro %}


{#- For each of two moments, the raw rows that were loaded before it and at it, by number and checksum. Keys and
    `updated_at` of all rows are read, and whole rows of the last loads. -#}
{% macro raw_rows_until(table_name, relation, moments) -%}
    {%- set checksum = checksum_of_rows(key_of_raw_table(table_name) + ['updated_at']) -%}
    {%- set counted, stamps = [], [] -%}
    {%- for moment in moments -%}
        {%- set stamp = "timestamp '" ~ moment ~ "'" if moment else 'cast(null as timestamp)' -%}
        {%- do stamps.append(stamp) -%}
        {%- for comparison in ['<', '='] -%}
            {%- do counted.append('count(*) filter (where arrived_at ' ~ comparison ~ ' ' ~ stamp ~ ')') -%}
            {%- do counted.append('coalesce(' ~ checksum ~ ' filter (where arrived_at ' ~ comparison ~ ' ' ~ stamp ~ '), 0)') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set rows = run_query('select ' ~ counted | join(', ') ~ ' from ' ~ relation).rows[0].values() -%}
    {%- set checksums_of_whole_rows = {} -%}
    {%- for row in run_query(
        'select case arrived_at'
        ~ (' when ' ~ stamps[1] ~ ' then 1 when ' ~ stamps[0] ~ ' then 0 end as moment, ')
        ~ checksum_of_rows(['raw_row']) ~ ' as checksum from ' ~ relation
        ~ ' where arrived_at in (' ~ stamps | join(', ') ~ ') group by 1'
    ) -%}
        {%- do checksums_of_whole_rows.update({stamps[row['moment'] | int]: row['checksum']}) -%}
    {%- endfor -%}
    {%- set seen = [] -%}
    {%- for stamp in stamps -%}
        {%- do seen.append({
            'earlier_rows': rows[4 * loop.index0] | int,
            'earlier_checksum': rows[4 * loop.index0 + 1] | int,
            'last_rows': rows[4 * loop.index0 + 2] | int,
            'last_checksum': rows[4 * loop.index0 + 3] | int,
            'last_checksum_of_whole_rows': checksums_of_whole_rows.get(stamp, 0) | int,
        }) -%}
    {%- endfor -%}
    {{ return(seen) }}
{%- endmacro %}


{#- What raw_rows_until would find of the rows that the last run saw, none of which has changed since: at that run's newest
    moment what it wrote down; at a later one all of them were loaded before. -#}
{% macro rows_known_at(known, moments) -%}
    {%- set all_earlier = {
        'earlier_rows': known.earlier_rows + known.last_rows,
        'earlier_checksum': known.earlier_checksum + known.last_checksum,
        'last_rows': 0,
        'last_checksum': 0,
        'last_checksum_of_whole_rows': 0,
    } -%}
    {{ return([known, known if moments[1] == moments[0] else all_earlier]) }}
{%- endmacro %}


{#- What raw_rows_until tells of one part of a table and of another, together: checksums are sums. -#}
{% macro rows_added(seen, others) -%}
    {%- set added = [] -%}
    {%- for other in others -%}
        {%- set one, sums = seen[loop.index0], {} -%}
        {%- for name, value in other.items() -%}
            {%- do sums.update({name: value + one[name]}) -%}
        {%- endfor -%}
        {%- do added.append(sums) -%}
    {%- endfor -%}
    {{ return(added) }}
{%- endmacro %}


{#- The files that came since the last run, or none where its own are not all there as they were: then all rows have to be
    looked at. -#}
{% macro files_that_came(files, known_files) -%}
    {%- set came = [] -%}
    {%- for file, details in files.items() if file not in known_files -%}
        {%- do came.append(details.path) -%}
    {%- endfor -%}
    {{ return(came if known_files and files | length == came | length + known_files | length else none) }}
{%- endmacro %}


{% macro key_of_raw_table(table_name) -%}
    {{ return(source_of_raw_table(table_name).config.meta.key) }}
{%- endmacro %}


{% macro source_of_raw_table(table_name) -%}
    {%- for source in graph.sources.values() if source.source_name == 'raw' and source.name == table_name -%}
        {{ return(source) }}
    {%- endfor -%}
{%- endmacro %}


{#- By raw table, the condition that is_new returns. What was loaded at the base's last moment is read again where it has
    grown, since a second file may bear the stamp of the first; and where a run that died has looked further since
    the base, so that nobody knows whether it has. -#}
{% macro new_rows_since(base, watermarks) -%}
    {%- set conditions = {} -%}
    {%- for at_base in run_query('select * from state.watermarks where batch = ' ~ base) -%}
        {%- set seen = watermarks[at_base['table_name']] -%}
        {%- set has_grown = seen.known['loaded_at'] != at_base['loaded_at'] or seen.found.last_rows != at_base['last_rows']
            or seen.found.last_checksum_of_whole_rows != at_base['last_checksum_of_whole_rows'] | int -%}
        {%- do conditions.update({
            at_base['table_name']: '(_loaded_at ' ~ ('>=' if has_grown else '>') ~ " timestamp '" ~ at_base['loaded_at']
            ~ "' or _loaded_at is null)" if at_base['loaded_at'] else 'true'
        }) -%}
    {%- endfor -%}
    {{ return(conditions) }}
{%- endmacro %}
