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


{% macro parse_timestamp(expression) -%}
    {{ return(adapter.dispatch('parse_timestamp')(expression)) }}
{%- endmacro %}

{#- Three forms: a bare date, a time with an offset, a time without. `+0200` and ` -05:00` are
    brought to `+02:00` and `-05:00` first: DuckDB reads no other form of an offset, and
    `try_cast(... as timestamp)` drops an offset without a word. -#}
{% macro duckdb__parse_timestamp(expression) -%}
    case
        when {{ text_matches(expression, '^\\d{4}-\\d{1,2}-\\d{1,2}$') }}
            then {{ to_utc('cast(' ~ try_cast(expression, 'date') ~ ' as timestamp)', var('reporting_timezone')) }}
        when {{ text_matches(expression, '^\\d{4}-\\d{1,2}-\\d{1,2}[ T]\\d.*([zZ]|UTC|GMT|[+-]\\d{2}(:?\\d{2})?)$') }}
            then {{ instant_to_utc(try_cast(
                "regexp_replace(regexp_replace(" ~ expression ~ ", '\\s*(UTC|GMT|[zZ])$', 'Z'), "
                ~ "'\\s*([+-]\\d{2}):?(\\d{2})?$', '\\1:\\2')",
                'timestamptz'
            )) }}
        when {{ text_matches(expression, '^\\d{4}-\\d{1,2}-\\d{1,2}[ T]\\d') }}
            then {{ to_utc(try_cast(expression, 'timestamp'), var('raw_timezone')) }}
    end
{%- endmacro %}
