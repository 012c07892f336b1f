{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['period_grain', 'date_day', 'segment_type', 'segment']
) }}

-- Open customers with a churn day in a period, once in each period, by that day; days to come are here too, so
-- that as_of may move on.

-- depends_on: {{ ref('fct_customer_periods') }}
-- depends_on: {{ ref('int_customer_periods') }}

{%- set longest_days = {
    'week': 7, 'month': 31, 'quarter': 92, 'year': 366, 'fiscal_month': 31, 'fiscal_quarter': 92, 'fiscal_year': 366,
} %}

with churned_customers as (
    select * from {{ ref('int_churned_customers') }}
),

churned_by_day as (
    select
        churn_date,
        last_order_date,
        segment_combination,
        {{ count_changes() }} as churned_customers
    from churned_customers
    group by 1, 2, 3
),

{%- for grain in var('period_grains') %}

-- Ordered before the period and churned in it: was open at its start, and cannot churn like that twice.
churned_from_before_{{ grain }} as (
    select
        '{{ grain }}' as period_grain,
        churn_date as date_day,
        segment_combination,
        sum(churned_customers) as churned_customers
    from churned_by_day
    where last_order_date < {{ period_start_of(grain, 'churn_date') }}
    group by 1, 2, 3
),
{%- if longest_days[grain] > var('churn_after_days') + 1 %}

-- Ordered in the period and churned in it, which takes a period longer than the window. Such customers
-- count if they were open at its start, and are not counted above if they still were at their first order in it.
churned_within_{{ grain }} as (
    select
        customer_periods.customer_id,
        customer_periods.period_start,
        churned_customers.segment_combination,
        churned_customers.weight,
        min(churned_customers.churn_date) as date_day
    from churned_customers
    inner join {{ ref('int_customer_periods') if is_batch() else ref('fct_customer_periods') }} as customer_periods
        on
            churned_customers.customer_id = customer_periods.customer_id
            and {{ period_start_of(grain, 'churned_customers.churn_date') }} = customer_periods.period_start
            and {{ 'churned_customers.weight = customer_periods.weight' if is_batch() else 'true' }}
    where
        customer_periods.period_grain = '{{ grain }}'
        and churned_customers.last_order_date >= customer_periods.period_start
        and {{ churn_date('customer_periods.previous_order_date') }} >= customer_periods.period_start
        and {{ churn_date('customer_periods.previous_order_date') }} >= customer_periods.first_order_date
    group by 1, 2, 3, 4
),
{%- endif %}
{%- endfor %}

churned as (
    {%- for grain in var('period_grains') %}
    select * from churned_from_before_{{ grain }}
    {%- if longest_days[grain] > var('churn_after_days') + 1 %}
    union all
    select
        '{{ grain }}' as period_grain,
        date_day,
        segment_combination,
        {{ count_changes() }} as churned_customers
    from churned_within_{{ grain }}
    group by 1, 2, 3
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

by_segment as (
    select
        churned.period_grain,
        churned.date_day,
        segments.segment_type,
        segments.segment,
        cast(sum(churned.churned_customers) as bigint) as churned_customers
    from churned
    inner join {{ ref('int_segments') }} as segments
        on churned.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4
)

select * from by_segment
