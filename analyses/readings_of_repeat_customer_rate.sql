-- Which repeat customer rate does my agency quote?
--
-- Four readings of one month, side by side, each with what it divides. Put the agency's figure below and
-- look at `closest_reading` in the month that it is of.
--
-- How to read it: two orders in the month is the strictest, and what this project calls RCR. Two orders by
-- the end of the month counts everybody whose second order ever has come: Shopify's returning customer
-- rate. Ordered before the month leaves out who was new and came twice. Of all customers to date asks
-- about the whole customer base and hardly moves. A figure that is closest to one reading in one month
-- proves little: ask for three months, and for what was divided. rpt_customer_bridge shows customer by
-- customer what lies between the first three.
--
-- The demo shop in June 2026: 27.6 %, 64.1 %, 57.7 % and 33.9 %. An agency that says 28 % and one that
-- says 64 % may both be right.

{%- set quoted_rate = 0.55 %}

with readings as (
    select
        period_start,
        repeat_customers,
        repeat_customers_to_date,
        returning_customers,
        active_customers,
        repeat_customers_lifetime,
        customers_to_date,
        repeat_customer_rate as two_orders_in_the_month,
        repeat_customer_rate_to_date as two_orders_by_the_end_of_the_month,
        returning_customer_share as ordered_before_the_month,
        repeat_customer_rate_lifetime as of_all_customers_to_date
    from {{ ref('rpt_retention_by_period') }}
    where
        period_grain = 'month'
        and segment_type = 'all'
        and is_complete
),

distances as (
    select
        *,
        least(
            abs(two_orders_in_the_month - {{ quoted_rate }}),
            abs(two_orders_by_the_end_of_the_month - {{ quoted_rate }}),
            abs(ordered_before_the_month - {{ quoted_rate }}),
            abs(of_all_customers_to_date - {{ quoted_rate }})
        ) as smallest_distance
    from readings
)

select
    period_start,
    repeat_customers,
    repeat_customers_to_date,
    returning_customers,
    active_customers,
    repeat_customers_lifetime,
    customers_to_date,
    two_orders_in_the_month,
    two_orders_by_the_end_of_the_month,
    ordered_before_the_month,
    of_all_customers_to_date,
    case
        when abs(two_orders_in_the_month - {{ quoted_rate }}) = smallest_distance
            then 'two_orders_in_the_month'
        when abs(two_orders_by_the_end_of_the_month - {{ quoted_rate }}) = smallest_distance
            then 'two_orders_by_the_end_of_the_month'
        when abs(ordered_before_the_month - {{ quoted_rate }}) = smallest_distance
            then 'ordered_before_the_month'
        when abs(of_all_customers_to_date - {{ quoted_rate }}) = smallest_distance
            then 'of_all_customers_to_date'
    end as closest_reading
from distances
order by period_start
