{#- The raw zone as files. Only DuckDB reads them in place; other engines take their raw tables
    from a schema (RETENTION_RAW_SCHEMA). Both return the same: none, or a mapping with
    `from` (what stands after FROM), `columns` (lower-case name -> identifier and type)
    and `home` (what to call it in a message). -#}
{% macro find_raw_files(table_name) -%}
    {{ return(adapter.dispatch('find_raw_files')(table_name)) }}
{%- endmacro %}

{% macro default__find_raw_files(table_name) -%}
    {% do exceptions.raise_compiler_error(
        'This engine does not read raw files: set RETENTION_RAW_SCHEMA to the schema that holds the raw tables.'
    ) %}
{%- endmacro %}

{% macro duckdb__find_raw_files(table_name) -%}
    {%- set directory = raw_directory() -%}
    {%- set files = run_query(
        "select file from glob('" ~ directory | replace("'", "''") ~ "/" ~ table_name ~ "*/**') "
        ~ "union all select file from glob('" ~ directory | replace("'", "''") ~ "/" ~ table_name ~ ".*') order by 1"
    ).columns[0].values() -%}

    {%- set homes = [] -%}
    {%- for extension in ['parquet', 'csv', 'csv.gz'] -%}
        {%- set one_file = directory ~ '/' ~ table_name ~ '.' ~ extension -%}
        {%- if one_file in files -%}
            {%- do homes.append({'path': one_file, 'extension': extension, 'files': [one_file]}) -%}
        {%- endif -%}
        {#- Spark calls a folder of files what others call the file. -#}
        {%- for ending in ['', '.parquet', '.csv'] -%}
            {%- set folder = directory ~ '/' ~ table_name ~ ending ~ '/' -%}
            {%- set inside = [] -%}
            {%- for file in files if file.startswith(folder) and file.endswith('.' ~ extension) -%}
                {%- do inside.append(file) -%}
            {%- endfor -%}
            {%- if inside -%}
                {%- do homes.append({'path': folder ~ '**/*.' ~ extension, 'extension': extension, 'files': inside}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}

    {%- if homes | length > 1 -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ' has two homes: ' ~ homes | map(attribute='path') | join(' and ')
            ~ '. Keep one of them.'
        ) -%}
    {%- endif -%}
    {%- do run_query('drop table if exists raw_text.' ~ table_name) -%}
    {%- if not homes -%}
        {{ return(none) }}
    {%- endif -%}

    {%- set home = homes[0] -%}
    {%- if home.extension == 'parquet' -%}
        {%- set from = read_parquet_files(home) -%}
    {%- else -%}
        {%- set from = load_csv_as_text(table_name, home.files) -%}
    {%- endif -%}

    {%- set columns = {} -%}
    {%- for described in run_query('describe select * from ' ~ from) -%}
        {%- do columns.update({
            described['column_name'] | trim | lower: {
                'identifier': '"' ~ described['column_name'] | replace('"', '""') ~ '"',
                'type': described['column_type'] | lower,
            }
        }) -%}
    {%- endfor -%}
    {{ return({'from': from, 'columns': columns, 'home': home.path}) }}
{%- endmacro %}


{#- Files that lie where raw tables are looked for and that none of them takes: other names, other endings. `found_tables`
    maps each declared table to what find_raw_files returned. -#}
{% macro raw_files_not_read(found_tables) -%}
    {{ return(adapter.dispatch('raw_files_not_read')(found_tables)) }}
{%- endmacro %}

{% macro default__raw_files_not_read(found_tables) -%}
    {{ return([]) }}
{%- endmacro %}

{% macro duckdb__raw_files_not_read(found_tables) -%}
    {%- set directory = raw_directory() | replace("'", "''") -%}
    {%- set patterns, homes, not_read = ["'" ~ directory ~ "/*'"], [], [] -%}
    {%- for table_name, found in found_tables.items() -%}
        {%- for ending in ['', '.parquet', '.csv'] -%}
            {%- do patterns.append("'" ~ directory ~ '/' ~ table_name ~ ending ~ "/**'") -%}
        {%- endfor -%}
        {%- if found -%}
            {%- do homes.append(found.home.split('**/*')) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for file in run_query('select distinct file from glob([' ~ patterns | join(', ') ~ ']) order by 1').columns[0].values() -%}
        {%- set name = file.replace(raw_directory() ~ '/', '', 1) -%}
        {%- set is_read = [] -%}
        {%- for home in homes if file.startswith(home[0]) and file.endswith(home[-1]) -%}
            {%- do is_read.append(home) -%}
        {%- endfor -%}
        {#- Hidden files, and those that Spark leaves beside its own. -#}
        {%- if not is_read and not modules.re.search('(^|/)[._]', name) -%}
            {%- do not_read.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(not_read) }}
{%- endmacro %}


{#- What stands after FROM for a raw table's Parquet files. Where one of its dates or timestamps is a date in some files and a
    timestamp in others, or has a zone in some only, the engine would make one type of both, and with it a date midnight in
    another zone. As text each says what it is. -#}
{% macro read_parquet_files(home) -%}
    {%- set from = "read_parquet('" ~ home.path | replace("'", "''") ~ "', union_by_name = true)" -%}
    {%- set of_several_kinds = run_query(
        'with kinds as ('
        ~ 'select distinct file_name, name, case '
        ~ "when duckdb_type in ('DATE', 'TIMESTAMP WITH TIME ZONE') then duckdb_type when duckdb_type like 'TIMESTAMP%' then 'TIMESTAMP' end as kind "
        ~ "from parquet_schema('" ~ home.path | replace("'", "''") ~ "')"
        ~ '), columns as ('
        ~ 'select name from kinds where name in (select column_name from (describe select * from ' ~ from ~ ')) '
        ~ 'group by 1 having count(distinct kind) > 1'
        ~ ') select file_name, name, kind from kinds where kind is not null and name in (select name from columns) order by all'
    ) if home.files | length > 1 else [] -%}
    {%- if not of_several_kinds | length -%}
        {{ return(from) }}
    {%- endif -%}
    {%- set columns_of_files, groups = {}, {} -%}
    {%- for row in of_several_kinds -%}
        {%- do columns_of_files.setdefault(row['file_name'], []).append((row['name'], row['kind'])) -%}
    {%- endfor -%}
    {%- for file in home.files -%}
        {%- set columns = columns_of_files.get(file, []) -%}
        {%- do groups.setdefault(columns | string, {'columns': columns, 'files': []}).files.append("'" ~ file | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {%- set scans = [] -%}
    {%- for group in groups.values() -%}
        {%- set texts = [] -%}
        {%- for name, kind in group.columns -%}
            {%- set identifier = '"' ~ name | replace('"', '""') ~ '"' -%}
            {%- do texts.append('cast(' ~ identifier ~ ' as varchar) as ' ~ identifier) -%}
        {%- endfor -%}
        {%- do scans.append(
            'select *' ~ (' replace (' ~ texts | join(', ') ~ ')' if texts else '')
            ~ ' from read_parquet([' ~ group.files | join(', ') ~ '], union_by_name = true)'
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ scans | join(' union all by name ') ~ ')') }}
{%- endmacro %}


{#- The Parquet files of a raw table as they are now, by name, size and time: what has none of these changed is not read
    again. Empty for tables that are no such files. -#}
{% macro files_of_raw_table(found) -%}
    {%- set files = {} -%}
    {#- A column of that name in the files would hide the files' own. -#}
    {%- if found and found.from.startswith('read_parquet') and 'filename' not in found.columns -%}
        {%- for file in run_query(
            "select filename, size, cast(last_modified as timestamp) as modified_at from read_blob('"
            ~ found.home | replace("'", "''") ~ "')"
        ) -%}
            {%- set name = file['filename'].replace(raw_directory(), '', 1) ~ ' ' ~ file['size'] ~ ' ' ~ file['modified_at'] -%}
            {%- do files.update({name: {'path': file['filename'], 'modified_at': file['modified_at']}}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(files) }}
{%- endmacro %}


{#- The conformed rows of some of a raw table's files, as a subquery. -#}
{% macro rows_of_files(table_name, found, paths) -%}
    {%- set quoted = [] -%}
    {%- for path in paths -%}
        {%- do quoted.append("'" ~ path | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {%- set from = '(select * from ' ~ found.from ~ ' where filename in (' ~ quoted | join(', ') ~ '))' -%}
    {{ return('(' ~ conformed_select(source_of_raw_table(table_name), dict(found, **{'from': from})) ~ ') as conformed_rows') }}
{%- endmacro %}


{#- CSV is parsed once, as text, into raw_text.<table>: the header line is read here and not
    sniffed, since DuckDB takes a torn file for one without rows and says nothing. Files of one
    folder may have different headers. Reading that line is not strict: without quotes a line break inside a cell looks
    like a line that ends otherwise than the others. -#}
{% macro load_csv_as_text(table_name, files) -%}
    {%- set files_by_header = {} -%}
    {%- for file in files -%}
        {%- set first_line = run_query(
            "select line from read_csv('" ~ file | replace("'", "''") ~ "', columns = {'line': 'varchar'}, "
            ~ "auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', "
            ~ "strict_mode = false, ignore_errors = true) limit 1"
        ) -%}
        {#- A blank first line is read as NULL. -#}
        {%- set header = (first_line.columns[0].values()[0] if first_line | length else none) or '' -%}
        {%- if '\x00' in header or '\ufffd' in header -%}
            {%- do exceptions.raise_compiler_error('Raw table ' ~ table_name ~ ': ' ~ file ~ ' is not UTF-8. Save it as UTF-8.') -%}
        {%- elif not header or not header | trim -%}
            {%- do exceptions.raise_compiler_error('Raw table ' ~ table_name ~ ': ' ~ file ~ ' has no header line.') -%}
        {%- endif -%}
        {%- do files_by_header.setdefault(header, []).append(file) -%}
    {%- endfor -%}

    {%- set scans = [] -%}
    {%- for header, same_header_files in files_by_header.items() -%}
        {%- set parsed = parse_csv_header(table_name, same_header_files[0], header) -%}
        {%- set scan -%}
            select * from read_csv(
                [{% for file in same_header_files %}'{{ file | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %}],
                columns = {
                    {%- for name in parsed.names %}'{{ name | replace("'", "''") }}': 'varchar'{{ ', ' if not loop.last }}{% endfor -%}
                },
                auto_detect = false, header = true, delim = '{{ parsed.delimiter }}', quote = '"', escape = '"',
                strict_mode = true, null_padding = false, max_line_size = 10000000,
                hive_partitioning = {{ 'true' if '=' in same_header_files[0].replace(raw_directory(), '', 1) else 'false' }},
                store_rejects = true, rejects_table = 'csv_rejects', rejects_scan = 'csv_scans', rejects_limit = 1
            )
        {%- endset -%}
        {%- do scans.append(scan) -%}
    {%- endfor -%}

    {%- do run_query('drop table if exists csv_rejects') -%}
    {%- do run_query('drop table if exists csv_scans') -%}
    {%- do run_query('create table raw_text.' ~ table_name ~ ' as ' ~ scans | join(' union all by name ')) -%}
    {%- set rejects = run_query(
        'select csv_scans.file_path, csv_rejects.line, csv_rejects.error_message, csv_rejects.csv_line '
        ~ 'from csv_rejects inner join csv_scans using (scan_id, file_id) order by 1, 2 limit 1'
    ) -%}
    {%- for reject in rejects -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ': line ' ~ reject['line'] ~ ' of ' ~ reject['file_path']
            ~ (' does not fit its header. ' if 'Number of Columns' in reject['error_message'] else ' cannot be read. ')
            ~ (reject['error_message'] | string).split('\n')[0] ~ ' The line: '
            ~ (reject['csv_line'] | string | trim)[:200]
        ) -%}
    {%- endfor -%}
    {%- do check_gzip_is_whole(table_name, files) -%}
    {{ return('raw_text.' ~ table_name) }}
{%- endmacro %}


{#- DuckDB takes a torn gzip stream for one that ends there. A whole one ends with the number of bytes that it holds, a
    torn one with any four bytes: nearly always with a number beyond all that was read. A smaller number is no fault,
    since a file of several streams says the length of its last one alone. Files of a gigabyte are not looked at:
    it would take as much memory. -#}
{% macro check_gzip_is_whole(table_name, files) -%}
    {%- set paths = [] -%}
    {%- for file in files if file.endswith('.gz') -%}
        {%- do paths.append("'" ~ file | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {%- if not paths -%}
        {{ return('') }}
    {%- endif -%}
    {#- Each character may be a doubled quote; quotes and a delimiter go with each cell, a line end with each row. -#}
    {%- set bytes = ['2'] -%}
    {%- for described in run_query('describe raw_text.' ~ table_name) -%}
        {%- do bytes.append('3 + coalesce(2 * strlen(cast("' ~ described['column_name'] | replace('"', '""') ~ '" as varchar)), 0)') -%}
    {%- endfor -%}
    {%- set torn = run_query(
        'with files as ('
        ~ 'select filename, hex(array_slice(content, -4, -1)) as bytes from read_blob([' ~ paths | join(', ') ~ ']) where size < 1000000000'
        ~ '), lengths as ('
        ~ "select filename, cast('0x' || bytes[7:8] || bytes[5:6] || bytes[3:4] || bytes[1:2] as bigint) as said from files"
        ~ ') select filename from lengths '
        ~ 'where said > 1000000 + (select coalesce(sum(' ~ bytes | join(' + ') ~ '), 0) from raw_text.' ~ table_name ~ ') order by 1 limit 1'
    ) -%}
    {%- for file in torn -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ': ' ~ file['filename'] ~ ' is torn: it holds less than it says at its end. Copy it again.'
        ) -%}
    {%- endfor -%}
{%- endmacro %}


{% macro parse_csv_header(table_name, file, header) -%}
    {%- set outside_quotes = modules.re.sub('"[^"]*"', '', header) -%}
    {%- set ns = namespace(delimiter=',', count=0) -%}
    {%- for candidate in [',', ';', '\t', '|'] -%}
        {%- if outside_quotes.count(candidate) > ns.count -%}
            {%- set ns.delimiter = candidate -%}
            {%- set ns.count = outside_quotes.count(candidate) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set names = [] -%}
    {%- set field = '(?:^|' ~ modules.re.escape(ns.delimiter) ~ ')(?:\\s*"((?:[^"]|"")*)"\\s*|([^"' ~ modules.re.escape(ns.delimiter) ~ ']*))' -%}
    {%- for quoted, plain in modules.re.findall(field, header.replace('\ufeff', '')) -%}
        {%- set name = (quoted or plain) | trim | lower or 'column_' ~ loop.index -%}
        {%- if name in names -%}
            {%- do exceptions.raise_compiler_error('Raw table ' ~ table_name ~ ': ' ~ file ~ ' names column ' ~ name ~ ' twice.') -%}
        {%- endif -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return({'delimiter': ns.delimiter, 'names': names}) }}
{%- endmacro %}
