-- From the first order on every customer is in one state on every day: each row begins where the one
-- before ended, the last one has no end, and each order day begins exactly one row. A batch looks at its
-- customers.

with lifecycle as (
    select
        *,
        lag(valid_to) over customer_states as previous_valid_to,
        lead(valid_from) over customer_states as next_valid_from,
        row_number() over customer_states as state_number
    from {{ ref('fct_customer_lifecycle') }}
    where {{ is_touched('customer_id', ref('int_batch_customers')) }}
    window customer_states as (
        partition by customer_id
        order by valid_from
    )
),

gaps as (
    select
        customer_id,
        valid_from,
        state
    from lifecycle
    where
        coalesce(valid_to <> next_valid_from, (valid_to is null) <> (next_valid_from is null))
        or (state_number = 1) <> (state = 'new')
        or (state_number > 1 and previous_valid_to is null)
),

order_days as (
    select
        customer_id,
        order_date,
        count(*) as orders
    from {{ ref('fct_orders') }}
    where order_number is not null and {{ is_touched('customer_id', ref('int_batch_customers')) }}
    group by 1, 2
),

starts as (
    select
        customer_id,
        valid_from,
        state
    from {{ ref('fct_customer_lifecycle') }}
    where
        state not in ('at_risk', 'churned')
        and {{ is_touched('customer_id', ref('int_batch_customers')) }}
),

order_days_without_state as (
    select
        coalesce(order_days.customer_id, starts.customer_id) as customer_id,
        coalesce(order_days.order_date, starts.valid_from) as valid_from,
        starts.state
    from order_days
    full outer join starts
        on
            order_days.customer_id = starts.customer_id
            and order_days.order_date = starts.valid_from
    where order_days.customer_id is null or starts.customer_id is null
)

select * from gaps
union all
select * from order_days_without_state
