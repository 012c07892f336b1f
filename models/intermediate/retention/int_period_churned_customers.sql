-- Open customers with a churn day in the period, once each.

{%- set longest_days = {
    'week': 7, 'month': 31, 'quarter': 92, 'year': 366, 'fiscal_month': 31, 'fiscal_quarter': 92, 'fiscal_year': 366,
} %}

with churned_customers as (
    select * from {{ ref('int_churned_customers') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

churned_by_day as (
    select
        churn_date,
        last_order_date,
        segment_combination,
        count(*) as churned_customers
    from churned_customers
    group by 1, 2, 3
),

-- Ordered before the period and churned in it: was open at its start, and cannot churn like that twice.
churned_from_before as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        churned_by_day.segment_combination,
        sum(churned_by_day.churned_customers) as churned_customers
    from churned_by_day
    inner join date_periods
        on churned_by_day.churn_date = date_periods.date_day
    where churned_by_day.last_order_date < date_periods.period_start
    group by 1, 2, 3
),

-- Ordered in the period and churned in it, which takes a period longer than the window. Such
-- customers count if they were open at its start, and are not counted above if they still were at
-- their first order in it.
churned_within as (
    select distinct
        date_periods.period_grain,
        date_periods.period_start,
        churned_customers.customer_id,
        churned_customers.segment_combination
    from churned_customers
    inner join date_periods
        on churned_customers.churn_date = date_periods.date_day
    inner join {{ ref('fct_customer_periods') }} as customer_periods
        on
            date_periods.period_grain = customer_periods.period_grain
            and date_periods.period_start = customer_periods.period_start
            and churned_customers.customer_id = customer_periods.customer_id
    where
        churned_customers.last_order_date >= date_periods.period_start
        and customer_periods.period_grain in (
            'none'
            {%- for grain in var('period_grains') if longest_days[grain] > var('churn_after_days') + 1 %},
            '{{ grain }}'
            {%- endfor %}
        )
        and {{ churn_date('customer_periods.previous_order_date') }} >= customer_periods.period_start
        and {{ churn_date('customer_periods.previous_order_date') }} >= customer_periods.first_order_date
),

churned as (
    select * from churned_from_before
    union all
    select
        period_grain,
        period_start,
        segment_combination,
        count(*) as churned_customers
    from churned_within
    group by 1, 2, 3
),

churned_in_periods as (
    select
        period_grain,
        period_start,
        segment_combination,
        sum(churned_customers) as churned_customers
    from churned
    group by 1, 2, 3
)

select * from churned_in_periods
