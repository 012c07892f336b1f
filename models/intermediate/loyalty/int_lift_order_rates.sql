{%- set last_days = lift_age_classes() -%}

-- Who drops out says nothing. What shows is that a customer orders the less the longer the first order ago,
-- because fewer are left: that is taken for the share who still are.

with customers as (
    select
        customers.first_order_date,
        {{ days_between('customers.first_order_date', 'as_of.as_of_date') }} as days_known,
        count(*) as customers
    from {{ ref('dim_customers') }} as customers
    cross join {{ ref('int_as_of') }} as as_of
    where customers.first_order_date <= as_of.as_of_date
    group by 1, 2
),

order_days as (
    select * from {{ ref('int_order_days_by_age') }}
),

age_classes as (
    {%- for days in last_days %}
    select
        {{ last_days[loop.index0 - 1] if loop.index0 else 0 }} as after_days,
        {{ days }} as to_days
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

exposures as (
    select
        age_classes.after_days,
        age_classes.to_days,
        sum(customers.customers * (least(customers.days_known, age_classes.to_days) - age_classes.after_days))
            as customer_days
    from age_classes
    inner join customers
        on age_classes.after_days < customers.days_known
    group by 1, 2
),

sums as (
    select
        exposures.after_days,
        exposures.to_days,
        exposures.customer_days,
        sum(order_days.order_days) as order_days
    from exposures
    inner join order_days
        on
            exposures.after_days < order_days.age_days
            and exposures.to_days >= order_days.age_days
    group by 1, 2, 3
),

rates as (
    select
        after_days,
        to_days,
        cast(customer_days as bigint) as customer_days,
        cast(order_days as bigint) as order_days,
        {{ ratio('order_days', 'customer_days') }} as order_days_per_customer_day
    from sums
)

select * from rates
