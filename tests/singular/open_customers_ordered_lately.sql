-- Summed up to the day after as_of, the changes of open customers are the customers whose churn day is still to
-- come. Catches a batch that opened somebody twice, or never closed: the sum is never made from the facts
-- again.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

expected as (
    select count(*) as open_customers
    from {{ ref('int_customer_segments') }} as customers
    cross join as_of
    where {{ churn_date('customers.last_order_date') }} > as_of.as_of_date
),

found as (
    select
        changes.segment_type,
        sum(changes.open_customers_change) as open_customers
    from {{ ref('int_open_customers_by_day') }} as changes
    cross join as_of
    where changes.date_day <= {{ add_days('as_of.as_of_date', 1) }}
    group by 1
)

select
    found.segment_type,
    found.open_customers,
    expected.open_customers as expected_open_customers
from expected
left join found
    on true
where coalesce(found.open_customers, 0) <> expected.open_customers
