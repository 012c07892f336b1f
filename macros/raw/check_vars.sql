{#- A var that makes no sense stops the run with a line that says what would. -#}
{% macro check_vars() -%}
    {%- set grains = ['week', 'month', 'quarter', 'year', 'fiscal_month', 'fiscal_quarter', 'fiscal_year'] -%}
    {%- set as_of_date = var('as_of_date') | string -%}
    {%- if as_of_date and (
        not modules.re.match('^\\d{4}-\\d{2}-\\d{2}$', as_of_date)
        or run_query('select ' ~ try_cast("'" ~ as_of_date ~ "'", 'date') ~ ' as as_of_date').columns[0].values()[0] is none
    ) -%}
        {%- do wrong_var('as_of_date', 'a date, YYYY-MM-DD, or nothing') -%}
    {%- endif -%}
    {%- if var('period_grains') is string or not var('period_grains') or var('period_grains') | reject('in', grains) | list
        or var('period_grains') | unique | list | length < var('period_grains') | length -%}
        {%- do wrong_var('period_grains', 'a list of different ones of ' ~ grains | join(', ')) -%}
    {%- endif -%}
    {%- for name in ['reporting_timezone', 'raw_timezone']
        if var(name) | lower not in modules.pytz.all_timezones | map('lower') | list -%}
        {%- do wrong_var(name, 'a time zone of the IANA database, as Europe/Berlin') -%}
    {%- endfor -%}
    {%- if not modules.re.match('^[A-Za-z]{3}$', var('reporting_currency') | string) -%}
        {%- do wrong_var('reporting_currency', 'a currency of three letters, as USD (ISO 4217)') -%}
    {%- endif -%}
    {%- set attributes = [] -%}
    {%- for node in graph.nodes.values() if node.name == 'dim_customers' -%}
        {%- do attributes.extend(node.columns.keys()) -%}
    {%- endfor -%}
    {%- if var('segments') is string or var('segments') | reject('in', attributes) | list
        or var('segments') | unique | list | length < var('segments') | length -%}
        {%- do wrong_var('segments', 'a list of different columns of dim_customers') -%}
    {%- endif -%}
    {%- set whole_numbers = {
        'churn_after_days': 'days',
        'at_risk_after_days': 'days',
        'churn_interval_floor_days': 'days',
        'sparse_customers': 'customers',
        'max_customers_per_email': 'accounts',
    } -%}
    {%- for name, unit in whole_numbers.items() if var(name) is not integer or var(name) < 0 -%}
        {%- do wrong_var(name, 'a whole number of ' ~ unit) -%}
    {%- endfor -%}
    {%- set bucket_days = var('rolling_bucket_days') -%}
    {%- if bucket_days is not sequence or bucket_days is string or not bucket_days or bucket_days | reject('integer') | list
        or bucket_days | min < 1 or bucket_days | unique | list | length < bucket_days | length -%}
        {%- do wrong_var('rolling_bucket_days', 'a list of different whole numbers of days, 1 or more') -%}
    {%- endif -%}
    {%- for name in ['churn_percentile', 'at_risk_percentile', 'at_risk_interval_share']
        if var(name) is not number or not 0 <= var(name) <= 1 -%}
        {%- do wrong_var(name, 'a number from 0 to 1') -%}
    {%- endfor -%}
    {%- for name in ['churn_interval_multiplier', 'expected_lifespan_years'] if var(name) is not number or var(name) <= 0 -%}
        {%- do wrong_var(name, 'a number above 0') -%}
    {%- endfor -%}
    {%- if var('point_value') is not number or var('point_value') < 0 -%}
        {%- do wrong_var('point_value', 'an amount of money, 0 or more') -%}
    {%- endif -%}
    {%- if var('gross_margin_rate') is not number -%}
        {%- do wrong_var('gross_margin_rate', 'a number, as 0.4 for 40 %') -%}
    {%- endif -%}
    {%- if var('churn_interval_ceiling_days') is not integer
        or var('churn_interval_ceiling_days') < var('churn_interval_floor_days') -%}
        {%- do wrong_var('churn_interval_ceiling_days', 'a whole number of days, at least churn_interval_floor_days') -%}
    {%- endif -%}
    {%- if var('lift_window_days') is not integer or var('lift_window_days') < 1 -%}
        {%- do wrong_var('lift_window_days', 'a whole number of days, 1 or more') -%}
    {%- endif -%}
    {%- if var('item_gap_tolerance') is not number or var('item_gap_tolerance') < 0 -%}
        {%- do wrong_var('item_gap_tolerance', 'an amount of money, 0 or more') -%}
    {%- endif -%}
    {%- if var('points_expiry') is not mapping or var('points_expiry').values() | reject('in', ['posted', 'computed']) | list -%}
        {%- do wrong_var('points_expiry', 'a map of program_id to posted or computed') -%}
    {%- endif -%}
    {%- if var('fiscal_year_start_month') not in range(1, 13) -%}
        {%- do wrong_var('fiscal_year_start_month', 'a month, 1 to 12') -%}
    {%- endif -%}
{%- endmacro %}


{% macro wrong_var(name, needed) -%}
    {%- do exceptions.raise_compiler_error("var " ~ name ~ " is '" ~ var(name) ~ "'; needed: " ~ needed ~ '.') -%}
{%- endmacro %}
