{#- A cell of raw_rows as everybody reads it: text trimmed, NaN is NULL. Anything else is the bare column. -#}
{% macro raw_cell(found) -%}
    {%- set cell = 'raw_rows.' ~ found.identifier -%}
    {%- if is_text_type(found.type) -%}
        {{ return(trim_text(cell if found.type == 'varchar' else 'cast(' ~ cell ~ ' as ' ~ dbt.type_string() ~ ')')) }}
    {%- elif is_float_type(found.type) -%}
        {{ return('case when not isnan(' ~ cell ~ ') then ' ~ cell ~ ' end') }}
    {%- endif -%}
    {{ return(cell) }}
{%- endmacro %}


{% macro is_text_type(found_type) -%}
    {{ return(found_type in ['varchar', 'string', 'text'] or found_type.startswith('varchar') or found_type.startswith('enum')) }}
{%- endmacro %}


{% macro is_float_type(found_type) -%}
    {{ return(found_type in ['float', 'real', 'double', 'double precision']) }}
{%- endmacro %}


{#- How a cell, as raw_cell makes it of a column of `found_type`, becomes the declared type.
    Returns SQL expressions: `value`; `is_blank`, the cell is NULL, blank or NaN; `is_unparseable`,
    it holds something that is not of the type (none where that cannot be: such a column is
    passed through bare, so that a filter on it is pruned by Parquet's statistics). -#}
{% macro parse_cell(column, cell, found_type) -%}
    {%- set is_text = is_text_type(found_type) -%}
    {%- set is_float = is_float_type(found_type) -%}
    {%- set is_whole = found_type in ['tinyint', 'smallint', 'integer', 'int', 'bigint', 'utinyint', 'usmallint', 'uinteger', 'ubigint', 'hugeint', 'uhugeint'] -%}
    {%- set text = cell if is_text else trim_text('cast(' ~ cell ~ ' as ' ~ dbt.type_string() ~ ')') -%}
    {%- set is_blank = '(' ~ cell ~ ') is null' -%}
    {%- set data_type = column.data_type | lower -%}

    {%- if data_type == 'string' -%}
        {%- set value = parse_text(cell, text, found_type, is_text, is_float, column.config.meta.format) -%}
        {{ return({'value': value, 'is_blank': is_blank, 'is_unparseable': none}) }}

    {%- elif found_type == data_type and data_type != 'timestamp' and not is_float -%}
        {{ return({'value': cell, 'is_blank': is_blank, 'is_unparseable': none}) }}

    {%- elif data_type == 'timestamp' and not is_text -%}
        {%- set value = parse_temporal(cell, found_type) -%}
        {%- if value -%}
            {{ return({'value': value, 'is_blank': is_blank, 'is_unparseable': none}) }}
        {%- endif -%}
        {%- set value = parse_timestamp(text) -%}

    {%- elif data_type == 'timestamp' -%}
        {%- set value = parse_timestamp(text) -%}

    {%- elif data_type == 'date' -%}
        {#- A timestamp that stands for a date is that date, whatever zone other timestamps are in. -#}
        {%- if is_type_of_instants(found_type) -%}
            {%- set value = to_local_date(instant_to_utc(cell)) -%}
        {%- else -%}
            {%- set value = 'cast(' ~ try_cast(cell if found_type.startswith('timestamp') else text, 'timestamp') ~ ' as date)' -%}
        {%- endif -%}

    {%- elif data_type == 'boolean' -%}
        {%- set value -%}
            case
                when lower({{ text }}) in ('true', 't', 'yes', 'y', '1', '1.0') then true
                when lower({{ text }}) in ('false', 'f', 'no', 'n', '0', '0.0') then false
            end
        {%- endset -%}

    {%- elif data_type == 'bigint' and not is_whole -%}
        {%- set number = try_cast(text, 'decimal(38,4)') -%}
        {%- set value = 'case when ' ~ number ~ ' = floor(' ~ number ~ ') then ' ~ try_cast(number, 'bigint') ~ ' end' -%}

    {%- elif data_type == 'double' -%}
        {%- set number = try_cast(cell, 'double') -%}
        {%- set value = 'case when abs(' ~ number ~ ") < cast('infinity' as double) then " ~ number ~ ' end' -%}

    {%- elif is_float -%}
        {#- Four bytes would be multiplied in four bytes: 123456.78 came to 123456.7808. -#}
        {%- set value = try_cast('cast(' ~ cell ~ ' as double)', data_type) -%}

    {%- else -%}
        {%- set value = try_cast(cell, data_type) -%}
    {%- endif -%}

    {{ return({
        'value': value,
        'is_blank': is_blank,
        'is_unparseable': '(not (' ~ is_blank ~ ') and (' ~ value ~ ') is null)',
    }) }}
{%- endmacro %}


{% macro parse_text(cell, text, found_type, is_text, is_float, format) -%}
    {%- if format == 'id' and (is_text or found_type.startswith('decimal')) -%}
        {#- Most ids are no floats: the cheap LIKE spares them the pattern. -#}
        {{ return(
            'case when ' ~ text ~ " like '%.0%' and " ~ text_matches(text, '^-?[0-9]+\\.0+$')
            ~ ' then split_part(' ~ text ~ ", '.', 1) else " ~ text ~ ' end'
        ) }}
    {%- elif format == 'id' and is_float -%}
        {%- set whole = try_cast(cell, 'decimal(38,0)') -%}
        {{ return(
            'case when (' ~ whole ~ ') = (' ~ cell ~ ') then cast(' ~ whole ~ ' as ' ~ dbt.type_string() ~ ') '
            ~ 'else cast(' ~ cell ~ ' as ' ~ dbt.type_string() ~ ') end'
        ) }}
    {%- elif format == 'word' -%}
        {{ return('lower(' ~ text ~ ')') }}
    {%- elif format == 'code' -%}
        {{ return('upper(' ~ text ~ ')') }}
    {%- endif -%}
    {{ return(text) }}
{%- endmacro %}


{#- A date or timestamp column as a UTC timestamp; none for any other type. -#}
{% macro parse_temporal(cell, found_type) -%}
    {%- if found_type == 'date' -%}
        {{ return(to_utc('cast(' ~ cell ~ ' as timestamp)', var('reporting_timezone'))) }}
    {%- elif is_type_of_instants(found_type) -%}
        {{ return(instant_to_utc(cell)) }}
    {%- elif found_type == 'timestamp' -%}
        {{ return(to_utc(cell, var('raw_timezone'))) }}
    {%- elif found_type.startswith('timestamp') -%}
        {{ return(to_utc('cast(' ~ cell ~ ' as timestamp)', var('raw_timezone'))) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
