-- The method fixed_window is the rule by which fct_customer_lifecycle calls a customer churned and at
-- risk, and who churned after the day placed no order in the window: two roads to one number. It is asked at
-- the end of each quarter that as_of lets judge.

{%- if is_batch() %}

-- Reads all orders and states: not in a batch.
select 1 as failures
where false
{%- else %}

with methods as (
    select * from {{ ref('rpt_churn_methods') }}
    where method = 'fixed_window'
),

first_orders as (
    select min(order_date) as first_order_date
    from {{ ref('fct_orders') }}
    where order_number is not null
),

days as (
    select dates.date_day as as_of_date
    from {{ ref('dim_dates') }} as dates
    cross join {{ ref('int_as_of') }} as as_of
    inner join first_orders
        on dates.date_day >= first_orders.first_order_date
    where
        dates.date_day = dates.quarter_end
        and {{ add_days('dates.date_day', var('churn_after_days')) }} <= as_of.as_of_date
),

states as (
    select
        days.as_of_date,
        count(*) as customers,
        count(*) filter (where lifecycle.state = 'churned') as churned,
        count(*) filter (where lifecycle.state = 'at_risk') as at_risk
    from days
    inner join {{ ref('fct_customer_lifecycle') }} as lifecycle
        on
            days.as_of_date >= lifecycle.valid_from
            and coalesce(days.as_of_date < lifecycle.valid_to, true)
    group by 1
),

active_after as (
    select
        days.as_of_date,
        count(distinct orders.customer_id) as customers
    from days
    inner join {{ ref('fct_orders') }} as orders
        on
            days.as_of_date < orders.order_date
            and orders.order_date <= {{ add_days('days.as_of_date', var('churn_after_days')) }}
    where
        orders.order_number is not null
        and orders.customer_first_order_date <= days.as_of_date
    group by 1
)

select
    coalesce(states.as_of_date, methods.as_of_date) as as_of_date,
    methods.customers,
    methods.predicted_churned,
    methods.predicted_at_risk,
    methods.churned
from states
full outer join methods
    on states.as_of_date = methods.as_of_date
left join active_after
    on states.as_of_date = active_after.as_of_date
where
    coalesce(methods.customers <> states.customers, true)
    or coalesce(methods.predicted_churned <> states.churned, true)
    or coalesce(methods.predicted_at_risk <> states.at_risk, true)
    or methods.churned <> methods.customers - coalesce(active_after.customers, 0)
{%- endif %}
