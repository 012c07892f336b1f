{% macro add_days(date_expression, days) -%}
    {{ return(adapter.dispatch('add_days')(date_expression, days)) }}
{%- endmacro %}

{% macro default__add_days(date_expression, days) -%}
    date_add({{ date_expression }}, cast({{ days }} as int))
{%- endmacro %}

{% macro duckdb__add_days(date_expression, days) -%}
    ({{ date_expression }} + cast({{ days }} as integer))
{%- endmacro %}


{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between')(from_date, to_date)) }}
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    cast(datediff({{ to_date }}, {{ from_date }}) as bigint)
{%- endmacro %}

{% macro duckdb__days_between(from_date, to_date) -%}
    ({{ to_date }} - {{ from_date }})
{%- endmacro %}


{% macro date_spine_rows(from_date, to_date) -%}
    {{ return(adapter.dispatch('date_spine_rows')(from_date, to_date)) }}
{%- endmacro %}

{% macro default__date_spine_rows(from_date, to_date) -%}
    explode(sequence({{ from_date }}, {{ to_date }}))
{%- endmacro %}

{% macro duckdb__date_spine_rows(from_date, to_date) -%}
    cast(unnest(generate_series({{ from_date }}, {{ to_date }}, interval 1 day)) as date)
{%- endmacro %}


{% macro number_spine_rows(first_number, last_number) -%}
    {{ return(adapter.dispatch('number_spine_rows')(first_number, last_number)) }}
{%- endmacro %}

{% macro default__number_spine_rows(first_number, last_number) -%}
    explode(sequence({{ first_number }}, {{ last_number }}))
{%- endmacro %}

{% macro duckdb__number_spine_rows(first_number, last_number) -%}
    unnest(generate_series({{ first_number }}, {{ last_number }}))
{%- endmacro %}
