-- How many more or fewer customers are in a state on a day than on the day before, by combination of
-- segments. Summed up to a day they are the customers in that state on it.

with customers as (
    select * from {{ ref('int_customer_segments') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

changes as (
    select
        customers.segment_combination,
        lifecycle.state,
        lifecycle.valid_from as date_day,
        count(*) as customers_change
    from {{ ref('fct_customer_lifecycle') }} as lifecycle
    cross join as_of
    inner join customers
        on lifecycle.customer_id = customers.customer_id
    where lifecycle.valid_from <= as_of.as_of_date
    group by 1, 2, 3
    union all
    select
        customers.segment_combination,
        lifecycle.state,
        lifecycle.valid_to as date_day,
        -count(*) as customers_change
    from {{ ref('fct_customer_lifecycle') }} as lifecycle
    cross join as_of
    inner join customers
        on lifecycle.customer_id = customers.customer_id
    where lifecycle.valid_to <= as_of.as_of_date
    group by 1, 2, 3
),

changes_by_day as (
    select
        segment_combination,
        state,
        date_day,
        sum(customers_change) as customers_change
    from changes
    group by 1, 2, 3
)

select * from changes_by_day
