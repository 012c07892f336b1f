-- When do customers lapse?
--
-- There is no such day, only a falling chance. Each order day starts a silence; of the silences that
-- reached so many days, how many ended with an order within the next 30? Only those are counted whose
-- 30 days were over by as_of, so that nobody counts as silent who has not had the time.
--
-- How to read it: go down `came_back_rate` to the first row that is not worth waiting for any longer.
-- That is where to set the var churn_after_days; at_risk_after_days belongs where the rate has lost
-- about half of what it began with, since there a message still finds somebody. `is_first_order` sets apart
-- the silences after a customer's first order day, which end less often.
-- rpt_churn_methods says how good the rule that you set would have been.
--
-- The demo shop: after a second or later order 58.7 % order again within 30 days; of those still silent
-- after 45 days 27.9 %, after 90 days 11.9 %, after 180 days 2.6 %. After a first order it is 21.0 %,
-- and after 45 silent days 5.6 %, after 90 days 2.1 %. So 45 and 90 days are fair for customers who
-- have come back before. One-time customers are gone sooner: write to them within 15 days, when 11.3 %
-- still come back.

{%- set silences = [0, 15, 30, 45, 60, 90, 120, 180, 270, 360] %}

with as_of as (
    select max(last_order_date) as as_of_date from {{ ref('dim_customers') }}
),

order_days as (
    select
        customer_id,
        valid_from as order_date,
        state = 'new' as is_first_order,
        lead(valid_from) over (
            partition by customer_id
            order by valid_from
        ) as next_order_date
    from {{ ref('fct_customer_lifecycle') }}
    where state in ('new', 'active', 'reactivated')
),

silences as (
    {% for days in silences -%}
    select {{ days }} as silent_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

reached as (
    select
        silences.silent_days,
        order_days.is_first_order,
        count(*) as silences,
        count(*) filter (
            where order_days.next_order_date <= {{ add_days('order_days.order_date', 'silences.silent_days + 30') }}
        ) as came_back
    from order_days
    cross join silences
    cross join as_of
    where
        coalesce(order_days.next_order_date > {{ add_days('order_days.order_date', 'silences.silent_days') }}, true)
        and {{ add_days('order_days.order_date', 'silences.silent_days + 30') }} <= as_of.as_of_date
    group by 1, 2
)

select
    is_first_order,
    silent_days,
    silences,
    came_back,
    {{ ratio('came_back', 'silences') }} as came_back_rate,
    {{ wilson_interval('came_back', 'silences', 'lower') }} as came_back_rate_lower,
    {{ wilson_interval('came_back', 'silences', 'upper') }} as came_back_rate_upper
from reached
order by 1, 2
