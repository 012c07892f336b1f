-- A customer's order numbers are 1 to n, each once. Catches two orders of one number (a tie) and a
-- number given to an order that is not counted. A batch looks at all orders of its customers.

select
    customer_id,
    count(*) as orders,
    min(order_number) as lowest_number,
    max(order_number) as highest_number,
    sum(order_number) as sum_of_numbers
from {{ ref('fct_orders') }}
where order_number is not null and {{ is_touched('customer_id', ref('int_batch_customers')) }}
group by customer_id
having
    min(order_number) <> 1
    or max(order_number) <> count(*)
    or 2 * sum(order_number) <> count(*) * (count(*) + 1)
