{% macro to_utc(local_timestamp, time_zone) -%}
    {%- if time_zone | upper in ('UTC', 'ETC/UTC') -%}
        {{ local_timestamp }}
    {%- else -%}
        {{ adapter.dispatch('to_utc')(local_timestamp, time_zone) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__to_utc(local_timestamp, time_zone) -%}
    to_utc_timestamp({{ local_timestamp }}, '{{ time_zone }}')
{%- endmacro %}

{% macro duckdb__to_utc(local_timestamp, time_zone) -%}
    timezone('UTC', timezone('{{ time_zone }}', {{ local_timestamp }}))
{%- endmacro %}


{% macro to_local_date(utc_timestamp) -%}
    {%- set time_zone = var('reporting_timezone') -%}
    {%- if time_zone | upper in ('UTC', 'ETC/UTC') -%}
        cast({{ utc_timestamp }} as date)
    {%- else -%}
        {{ adapter.dispatch('to_local_date')(utc_timestamp, time_zone) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__to_local_date(utc_timestamp, time_zone) -%}
    cast(from_utc_timestamp({{ utc_timestamp }}, '{{ time_zone }}') as date)
{%- endmacro %}

{% macro duckdb__to_local_date(utc_timestamp, time_zone) -%}
    cast(timezone('{{ time_zone }}', timezone('UTC', {{ utc_timestamp }})) as date)
{%- endmacro %}


{% macro instant_to_utc(zoned_timestamp) -%}
    {{ return(adapter.dispatch('instant_to_utc')(zoned_timestamp)) }}
{%- endmacro %}

{% macro default__instant_to_utc(zoned_timestamp) -%}
    to_utc_timestamp({{ zoned_timestamp }}, current_timezone())
{%- endmacro %}

{% macro duckdb__instant_to_utc(zoned_timestamp) -%}
    timezone('UTC', {{ zoned_timestamp }})
{%- endmacro %}


{#- Three forms: a bare date, a time with an offset, a time without. Offsets are first brought to the one form that
    engines agree on, `10:22:00+02:00`. -#}
{% macro parse_timestamp(expression) -%}
    {%- set day = '\\d{4}-\\d{1,2}-\\d{1,2}' -%}
    {%- set offset = '([zZ]|UTC|GMT|[+-]\\d{2}(:?\\d{2})?)' -%}
    {%- set with_seconds = replace_pattern(expression, '^(' ~ day ~ '[ T]\\d{1,2}:\\d{2})(\\s*' ~ offset ~ ')$', '\\1:00\\2') -%}
    {%- set with_z = replace_pattern(with_seconds, '\\s*(UTC|GMT|[zZ])$', 'Z') -%}
    {%- set with_colon = replace_pattern(with_z, '\\s*([+-]\\d{2}):?(\\d{2})$', '\\1:\\2') -%}
    {%- set without_blank = replace_pattern(with_colon, '\\s+([+-]\\d{2})$', '\\1') -%}
    case
        when {{ text_matches(expression, '^' ~ day ~ '$') }}
            then {{ to_utc('cast(' ~ try_cast(expression, 'date') ~ ' as timestamp)', var('reporting_timezone')) }}
        when {{ text_matches(expression, '^' ~ day ~ '[ T]\\d{1,2}:.*' ~ offset ~ '$') }}
            then {{ instant_to_utc(try_cast(without_blank, type_of_instants())) }}
        when {{ text_matches(expression, '^' ~ day ~ '[ T]\\d') }}
            then {{ to_utc(try_cast(expression, 'timestamp'), var('raw_timezone')) }}
    end
{%- endmacro %}


{% macro type_of_instants() -%}
    {{ return(adapter.dispatch('type_of_instants')()) }}
{%- endmacro %}

{% macro default__type_of_instants() -%}
    {{ return('timestamp') }}
{%- endmacro %}

{#- A cast to timestamp would drop the offset without a word. -#}
{% macro duckdb__type_of_instants() -%}
    {{ return('timestamptz') }}
{%- endmacro %}


{#- Is a column's type one of moments, which no time zone makes others? What Spark calls `timestamp` is. -#}
{% macro is_type_of_instants(data_type) -%}
    {{ return(adapter.dispatch('is_type_of_instants')(data_type)) }}
{%- endmacro %}

{% macro default__is_type_of_instants(data_type) -%}
    {{ return(data_type in ['timestamp', 'timestamp_ltz']) }}
{%- endmacro %}

{% macro duckdb__is_type_of_instants(data_type) -%}
    {{ return(data_type in ['timestamp with time zone', 'timestamptz']) }}
{%- endmacro %}
