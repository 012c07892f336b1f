-- fct_customer_periods has as many rows as there are orders that are a customer's first in a period.
-- Beside the equal sums of sales_are_the_same_on_every_floor that leaves no room for a customer
-- twice in a period; grouping the table by its own key would cost a fifth of a whole build. A batch looks at
-- its customers.

with gaps_between_orders as (
    select
        order_date,
        previous_order_date,
        count(*) as orders
    from {{ ref('fct_orders') }}
    where order_number is not null and {{ is_touched('customer_id', ref('int_batch_customers')) }}
    group by 1, 2
),

expected as (
    select
        periods.period_grain,
        sum(gaps_between_orders.orders) as customer_periods
    from gaps_between_orders
    inner join {{ ref('int_date_periods') }} as periods
        on gaps_between_orders.order_date = periods.date_day
    where coalesce(gaps_between_orders.previous_order_date < periods.period_start, true)
    group by 1
),

found as (
    select
        period_grain,
        count(*) as customer_periods
    from {{ ref('fct_customer_periods') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
    group by 1
)

select
    coalesce(expected.period_grain, found.period_grain) as period_grain,
    expected.customer_periods as expected_customer_periods,
    found.customer_periods
from expected
full outer join found
    on expected.period_grain = found.period_grain
where coalesce(expected.customer_periods, 0) <> coalesce(found.customer_periods, 0)
