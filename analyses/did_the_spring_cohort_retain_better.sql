-- Did the spring cohort retain better?
--
-- Compare customers who first bought in spring (March to May) with those of the spring before, each at
-- the same age: within 30, 60 or 90 days of their own first order. Only windows that are over for the
-- whole cohort are shown, so a young spring does not look worse for being young.
--
-- How to read it: repurchase_rate is the answer, its interval is how sure it is. `verdict` says better
-- or worse only where this spring's interval and the one before do not overlap; that is strict, so
-- "cannot be told" does not mean "the same". For another season change the month; for another split
-- replace 'all' by a segment_type.
--
-- The demo shop: perhaps, it cannot be told. Within 30 days 21.3 % of the 531 new customers of spring
-- 2026 came back, 19.9 % of the 412 of spring 2025 and 17.0 % of the 305 of spring 2024. Each spring
-- looks better than the last, but with so few customers the true rate of 2026 may be anything from
-- 18.0 % to 25.0 %, and that of 2025 from 16.3 % to 24.0 %.

{%- set first_month_of_season = 3 %}

with cohorts as (
    select
        window_days,
        cohort_customers,
        eligible_customers,
        repurchased_customers,
        cast({{ dbt.dateadd('month', 1 - first_month_of_season, 'cohort_month') }} as date) as shifted_month
    from {{ ref('rpt_repurchase_windows') }}
    where segment_type = 'all' and window_days <= 90
),

seasons as (
    select
        window_days,
        cast({{ dbt.date_trunc('year', 'shifted_month') }} as date) as season_year,
        count(*) as months,
        sum(cohort_customers) as cohort_customers,
        sum(eligible_customers) as eligible_customers,
        sum(repurchased_customers) as repurchased_customers
    from cohorts
    where extract(month from shifted_month) <= 3
    group by 1, 2
),

rated as (
    select
        *,
        {{ repurchase_rate('repurchased_customers', 'eligible_customers') }} as repurchase_rate,
        {{ wilson_interval('repurchased_customers', 'eligible_customers', 'lower') }} as repurchase_rate_lower,
        {{ wilson_interval('repurchased_customers', 'eligible_customers', 'upper') }} as repurchase_rate_upper
    from seasons
    where months = 3 and eligible_customers = cohort_customers
),

compared as (
    select
        *,
        lag(repurchase_rate) over seasons_in_order as rate_of_the_one_before,
        lag(repurchase_rate_lower) over seasons_in_order as lower_of_the_one_before,
        lag(repurchase_rate_upper) over seasons_in_order as upper_of_the_one_before
    from rated
    window seasons_in_order as (
        partition by window_days
        order by season_year
    )
)

select
    window_days,
    extract(year from season_year) as season_of,
    eligible_customers,
    repurchased_customers,
    repurchase_rate,
    repurchase_rate_lower,
    repurchase_rate_upper,
    rate_of_the_one_before,
    case
        when rate_of_the_one_before is null then 'nothing to compare with'
        when repurchase_rate_lower > upper_of_the_one_before then 'better'
        when repurchase_rate_upper < lower_of_the_one_before then 'worse'
        else 'cannot be told'
    end as verdict
from compared
order by 1, 2
