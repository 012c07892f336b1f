{#- A var that makes no sense stops the run with a line that says what would. -#}
{% macro check_vars() -%}
    {%- set grains = ['week', 'month', 'quarter', 'year', 'fiscal_month', 'fiscal_quarter', 'fiscal_year'] -%}
    {%- set as_of_date = var('as_of_date') | string -%}
    {%- if as_of_date and not modules.re.match('^\\d{4}-\\d{2}-\\d{2}$', as_of_date) -%}
        {%- do wrong_var('as_of_date', 'a date, YYYY-MM-DD, or nothing') -%}
    {%- endif -%}
    {%- if var('period_grains') is string or not var('period_grains') or var('period_grains') | reject('in', grains) | list -%}
        {%- do wrong_var('period_grains', 'a list of ' ~ grains | join(', ')) -%}
    {%- endif -%}
    {%- if var('segments') is string -%}
        {%- do wrong_var('segments', 'a list of columns of dim_customers') -%}
    {%- endif -%}
    {%- if var('churn_after_days') is not integer or var('churn_after_days') < 0 -%}
        {%- do wrong_var('churn_after_days', 'a whole number of days') -%}
    {%- endif -%}
    {%- if var('max_customers_per_email') is not integer or var('max_customers_per_email') < 0 -%}
        {%- do wrong_var('max_customers_per_email', 'a whole number of accounts') -%}
    {%- endif -%}
    {%- if var('item_gap_tolerance') is not number or var('item_gap_tolerance') < 0 -%}
        {%- do wrong_var('item_gap_tolerance', 'an amount of money, 0 or more') -%}
    {%- endif -%}
    {%- if var('fiscal_year_start_month') not in range(1, 13) -%}
        {%- do wrong_var('fiscal_year_start_month', 'a month, 1 to 12') -%}
    {%- endif -%}
{%- endmacro %}


{% macro wrong_var(name, needed) -%}
    {%- do exceptions.raise_compiler_error("var " ~ name ~ " is '" ~ var(name) ~ "'; needed: " ~ needed ~ '.') -%}
{%- endmacro %}
