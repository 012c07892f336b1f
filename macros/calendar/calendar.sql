{#- 1 is Monday, on every engine: counted from a known Monday, since engines number days each
    in their own way. The added weeks keep days before it positive. -#}
{% macro day_of_week(date_expression) -%}
    (1 + mod({{ days_between("cast('1970-01-05' as date)", date_expression) }} + 7000000, 7))
{%- endmacro %}


{% macro week_start_of(date_expression) -%}
    {%- set weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] -%}
    {%- set week_start = var('week_start') | lower -%}
    {%- if week_start not in weekdays -%}
        {%- do exceptions.raise_compiler_error("var week_start is '" ~ week_start ~ "': one of " ~ weekdays | join(', ') ~ ' is needed.') -%}
    {%- endif -%}
    {{ add_days(
        date_expression,
        '-mod(' ~ days_between("cast('1970-01-05' as date)", date_expression) ~ ' + 7000000 - '
        ~ weekdays.index(week_start) ~ ', 7)'
    ) }}
{%- endmacro %}


{% macro fiscal_period_start(grain, date_expression) -%}
    {%- set shift = var('fiscal_year_start_month') | int - 1 -%}
    cast({{ dbt.dateadd('month', shift, dbt.date_trunc(grain, dbt.dateadd('month', -shift, dbt.date_trunc('month', date_expression)))) }} as date)
{%- endmacro %}


{% macro last_day_of_months(first_day, months) -%}
    {{ add_days('cast(' ~ dbt.dateadd('month', months, first_day) ~ ' as date)', -1) }}
{%- endmacro %}


{% macro fiscal_month_number(date_expression) -%}
    {%- set months_before = 12 - (var('fiscal_year_start_month') | int) -%}
    (1 + mod(cast(extract(month from {{ date_expression }}) as bigint) + {{ months_before }}, 12))
{%- endmacro %}


{% macro fiscal_quarter_number(date_expression) -%}
    cast(ceil({{ fiscal_month_number(date_expression) }} / 3.0) as bigint)
{%- endmacro %}


{#- The retail (4-5-4) calendar counts whole weeks. A week belongs to the year in which its fourth
    day lies, so a year begins on the week_start day nearest to the first of the fiscal year: never
    more than three days away, either way. -#}
{% macro fiscal_year_of_week(week_start) -%}
    {{ fiscal_period_start('year', add_days(week_start, 3)) }}
{%- endmacro %}


{% macro retail_year_start(fiscal_year_start) -%}
    {{ week_start_of(add_days(fiscal_year_start, 3)) }}
{%- endmacro %}


{% macro retail_week_number(retail_year_start, week_start) -%}
    cast(1 + {{ days_between(retail_year_start, week_start) }} / 7.0 as bigint)
{%- endmacro %}


{#- Four quarters of 13 weeks; a 53rd week lengthens the last one. -#}
{% macro retail_quarter_number(week_number) -%}
    cast(ceil(least({{ week_number }}, 52) / 13.0) as bigint)
{%- endmacro %}


{#- The weeks of a quarter's first two months; the third has what is left of it. -#}
{% macro retail_month_number(quarter_number, week_number, first_month_weeks, second_month_weeks) -%}
    (
        3 * {{ quarter_number }}
        - case
            when {{ week_number }} - 13 * ({{ quarter_number }} - 1) <= {{ first_month_weeks }} then 2
            when {{ week_number }} - 13 * ({{ quarter_number }} - 1) <= {{ first_month_weeks + second_month_weeks }} then 1
            else 0
        end
    )
{%- endmacro %}


{#- For days that dim_dates need not hold: a rejected row may carry any date. -#}
{% macro period_start_of(grain, date_expression) -%}
    {%- if grain == 'week' -%}
        {{ week_start_of(date_expression) }}
    {%- elif grain.startswith('fiscal_') -%}
        {{ fiscal_period_start(grain.removeprefix('fiscal_'), date_expression) }}
    {%- else -%}
        cast({{ dbt.date_trunc(grain, date_expression) }} as date)
    {%- endif -%}
{%- endmacro %}


{#- Engines count the firsts of a month that lie between two days; from 31 January to 1 February there is one, and no
    month has passed. -#}
{% macro whole_months_between(from_date, to_date) -%}
    {%- set months = dbt.datediff(from_date, to_date, 'month') -%}
    ({{ months }} - case when {{ dbt.dateadd('month', months, from_date) }} > {{ to_date }} then 1 else 0 end)
{%- endmacro %}
