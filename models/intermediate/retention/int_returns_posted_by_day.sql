-- Refunds that are posted on another day than their order's: taken off the one, put on the other. What is
-- left are the returns of each day as the shop's till has them.

with refunds as (
    select
        refunds.customer_id,
        refunds.refund_amount,
        refunds.order_date,
        refunds.posted_date
    from {{ ref('fct_refunds') }} as refunds
    cross join {{ ref('int_as_of') }} as as_of
    where
        refunds.is_counted
        and refunds.posted_date <> refunds.order_date
        and refunds.refund_date <= as_of.as_of_date
        and refunds.order_date <= as_of.as_of_date
),

customers as (
    select * from {{ ref('int_customer_segments') }}
),

changes as (
    select
        customer_id,
        posted_date as date_day,
        refund_amount as returns_change
    from refunds
    union all
    select
        customer_id,
        order_date as date_day,
        -refund_amount as returns_change
    from refunds
),

changes_by_day as (
    select
        changes.date_day,
        customers.segment_combination,
        sum(changes.returns_change) as returns_change
    from changes
    inner join customers
        on changes.customer_id = customers.customer_id
    group by 1, 2
)

select * from changes_by_day
