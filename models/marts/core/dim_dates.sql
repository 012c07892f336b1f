-- From the year before the first dated row to the year after the last: every period that holds a
-- row, fiscal years too, is there whole. A retail year may reach three days beyond either end.

with dated_rows as (
    select
        min(order_date) as first_date,
        max(order_date) as last_date
    from {{ ref('fct_orders') }}
    union all
    select
        min(occurred_date) as first_date,
        max(occurred_date) as last_date
    from {{ ref('fct_loyalty_transactions') }}
    union all
    select
        min(occurred_date) as first_date,
        max(occurred_date) as last_date
    from {{ ref('int_loyalty_memberships') }}
    union all
    select
        min(refund_date) as first_date,
        max(refund_date) as last_date
    from {{ ref('fct_refunds') }}
    union all
    select
        as_of_date as first_date,
        as_of_date as last_date
    from {{ ref('int_as_of') }}
),

bounds as (
    select
        cast({{ dbt.dateadd('year', -1, dbt.date_trunc('year', 'min(first_date)')) }} as date) as first_day,
        {{ last_day_of_months(dbt.dateadd('year', 1, dbt.date_trunc('year', 'max(last_date)')), 12) }} as last_day
    from dated_rows
),

days as (
    select {{ date_spine_rows('first_day', 'last_day') }} as date_day
    from bounds
),

starts as (
    select
        date_day,
        {{ day_of_week('date_day') }} as day_of_week,
        {{ week_start_of('date_day') }} as week_start,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start,
        cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start,
        cast({{ dbt.date_trunc('year', 'date_day') }} as date) as year_start,
        {{ fiscal_period_start('month', 'date_day') }} as fiscal_month_start,
        {{ fiscal_period_start('quarter', 'date_day') }} as fiscal_quarter_start,
        {{ fiscal_period_start('year', 'date_day') }} as fiscal_year_start
    from days
),

retail_years as (
    select
        *,
        {{ fiscal_year_of_week('week_start') }} as retail_fiscal_year_start
    from starts
),

retail_weeks as (
    select
        *,
        {{ retail_year_start('retail_fiscal_year_start') }} as retail_year_start,
        {{ retail_year_start(add_days(last_day_of_months('retail_fiscal_year_start', 12), 1)) }}
            as next_retail_year_start,
        {{ retail_week_number(retail_year_start('retail_fiscal_year_start'), 'week_start') }} as retail_week_number
    from retail_years
),

retail_quarters as (
    select
        *,
        {{ retail_quarter_number('retail_week_number') }} as retail_quarter_number
    from retail_weeks
),

numbered as (
    select
        date_day,
        cast(day_of_week as bigint) as day_of_week,
        day_of_week >= 6 as is_weekend,
        week_start,
        {{ add_days('week_start', 6) }} as week_end,
        month_start,
        {{ last_day_of_months('month_start', 1) }} as month_end,
        quarter_start,
        {{ last_day_of_months('quarter_start', 3) }} as quarter_end,
        year_start,
        {{ last_day_of_months('year_start', 12) }} as year_end,
        cast(extract(month from date_day) as bigint) as month_number,
        cast(extract(quarter from date_day) as bigint) as quarter_number,
        cast(extract(year from date_day) as bigint) as year_number,
        fiscal_month_start,
        {{ last_day_of_months('fiscal_month_start', 1) }} as fiscal_month_end,
        fiscal_quarter_start,
        {{ last_day_of_months('fiscal_quarter_start', 3) }} as fiscal_quarter_end,
        fiscal_year_start,
        {{ last_day_of_months('fiscal_year_start', 12) }} as fiscal_year_end,
        {{ fiscal_month_number('date_day') }} as fiscal_month_number,
        {{ fiscal_quarter_number('date_day') }} as fiscal_quarter_number,
        cast(extract(year from {{ last_day_of_months('fiscal_year_start', 12) }}) as bigint)
            as fiscal_year_number,
        retail_year_start,
        {{ add_days('next_retail_year_start', -1) }} as retail_year_end,
        retail_week_number,
        {{ retail_month_number('retail_quarter_number', 'retail_week_number', 4, 4) }} as retail_month_number_445,
        {{ retail_month_number('retail_quarter_number', 'retail_week_number', 4, 5) }} as retail_month_number_454,
        {{ retail_month_number('retail_quarter_number', 'retail_week_number', 5, 4) }} as retail_month_number_544,
        retail_quarter_number,
        cast(extract(year from {{ last_day_of_months('retail_fiscal_year_start', 12) }}) as bigint)
            as retail_year_number
    from retail_quarters
)

select * from numbered
