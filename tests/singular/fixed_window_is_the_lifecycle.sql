-- The method fixed_window is the rule by which fct_customer_lifecycle calls a customer churned and at
-- risk, and who churned after the day placed no order in the window: two roads to one number.

{%- if is_batch() %}

-- Reads all orders and states: not in a batch.
select 1 as failures
where false
{%- else %}

with methods as (
    select * from {{ ref('rpt_churn_methods') }}
    where method = 'fixed_window'
),

states as (
    select
        methods.as_of_date,
        count(*) as customers,
        count(*) filter (where lifecycle.state = 'churned') as churned,
        count(*) filter (where lifecycle.state = 'at_risk') as at_risk
    from methods
    inner join {{ ref('fct_customer_lifecycle') }} as lifecycle
        on
            methods.as_of_date >= lifecycle.valid_from
            and coalesce(methods.as_of_date < lifecycle.valid_to, true)
    group by 1
),

active_after as (
    select
        methods.as_of_date,
        count(distinct orders.customer_id) as customers
    from methods
    inner join {{ ref('fct_orders') }} as orders
        on
            methods.as_of_date < orders.order_date
            and orders.order_date <= {{ add_days('methods.as_of_date', var('churn_after_days')) }}
    where
        orders.order_number is not null
        and orders.customer_first_order_date <= methods.as_of_date
    group by 1
)

select
    methods.as_of_date,
    methods.customers,
    methods.predicted_churned,
    methods.predicted_at_risk,
    methods.churned
from methods
left join states
    on methods.as_of_date = states.as_of_date
left join active_after
    on methods.as_of_date = active_after.as_of_date
where
    coalesce(methods.customers <> states.customers, true)
    or coalesce(methods.predicted_churned <> states.churned, true)
    or coalesce(methods.predicted_at_risk <> states.at_risk, true)
    or methods.churned <> methods.customers - coalesce(active_after.customers, 0)
{%- endif %}
