-- What is a saved customer worth?
--
-- Take everybody who fell at risk at least a year ago and look at the 365 days from that day on: what
-- did those bring who ordered before they had churned, and what those who churned?
--
-- How to read it: the difference in net_sales_per_customer is the most that saving one customer is
-- worth, before the cost of saving and at gross margin less. It is an upper bound and no effect: who
-- comes back unasked is a better customer than who must be asked. Whoever falls at risk twice counts
-- twice. Only a group that is left alone for comparison tells what a campaign itself has saved. With
-- `orders_before` the comparison is between customers of like history, which takes the worst of it away.
--
-- The demo shop: one-time customers who came back in time brought 277.68 in the year, the others 13.66;
-- customers of five orders or more 640.04 against 214.97. So saving a one-time customer is worth 264.03
-- at most, a loyal one 425.07.

with as_of as (
    select max(last_order_date) as as_of_date from {{ ref('dim_customers') }}
),

states as (
    select
        *,
        lead(state) over (
            partition by customer_id
            order by valid_from
        ) as next_state
    from {{ ref('fct_customer_lifecycle') }}
),

fell_at_risk as (
    select
        states.customer_id,
        states.valid_from as at_risk_from,
        states.next_state = 'active' as is_saved
    from states
    cross join as_of
    where
        states.state = 'at_risk'
        and {{ add_days('states.valid_from', 365) }} <= as_of.as_of_date
),

orders as (
    select
        customer_id,
        order_date,
        net_sales
    from {{ ref('fct_orders') }}
    where order_number is not null
),

followed as (
    select
        fell_at_risk.customer_id,
        fell_at_risk.at_risk_from,
        fell_at_risk.is_saved,
        count(*) filter (where orders.order_date < fell_at_risk.at_risk_from) as orders_before,
        count(*) filter (where orders.order_date >= fell_at_risk.at_risk_from) as orders_after,
        coalesce(sum(orders.net_sales) filter (where orders.order_date >= fell_at_risk.at_risk_from), 0)
            as net_sales_after
    from fell_at_risk
    inner join orders
        on
            fell_at_risk.customer_id = orders.customer_id
            and orders.order_date < {{ add_days('fell_at_risk.at_risk_from', 365) }}
    group by 1, 2, 3
),

grouped as (
    select
        case
            when orders_before = 1 then '1'
            when orders_before < 5 then '2 to 4'
            else '5 and more'
        end as orders_before,
        is_saved,
        count(*) as customers,
        sum(orders_after) as orders_in_365_days,
        sum(net_sales_after) as net_sales_in_365_days
    from followed
    group by 1, 2
),

valued as (
    select
        *,
        {{ customer_value('orders_in_365_days', 'net_sales_in_365_days', 'customers') }} as net_sales_per_customer
    from grouped
)

select
    orders_before,
    is_saved,
    customers,
    orders_in_365_days,
    net_sales_in_365_days,
    net_sales_per_customer,
    net_sales_per_customer - lag(net_sales_per_customer) over (
        partition by orders_before
        order by is_saved
    ) as worth_of_saving_at_most
from valued
order by 1, 2
