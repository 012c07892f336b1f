{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['segment_type', 'segment', 'date_day']
) }}

-- How many more or fewer customers are open (not churned) on a day than on the day before, by
-- segment. Summed up to a day they are the customers open on it.
--
-- An order opens its customer on the day after it, and closes what the order before had opened: on
-- the day after itself, or on the day after the churn day where that came first.

with orders as (
    select
        customer_id,
        order_date,
        previous_order_date,
        weight
    from {{ ref('int_order_changes_as_of') }}
),

customers as (
    select * from {{ ref('int_customer_changes') }}
),

changes_by_customer as (
    select
        customers.segment_combination,
        {{ add_days('orders.order_date', 1) }} as opened_date,
        {{ add_days('least(orders.order_date, ' ~ churn_date('orders.previous_order_date') ~ ')', 1) }} as closed_date,
        orders.previous_order_date,
        orders.weight
    from orders
    inner join customers
        on
            orders.customer_id = customers.customer_id
            and {{ 'orders.weight = customers.weight' if is_batch() else 'true' }}
),

changes as (
    select
        segment_combination,
        opened_date as date_day,
        {{ count_changes() }} as open_customers_change
    from changes_by_customer
    group by 1, 2
    union all
    select
        segment_combination,
        closed_date as date_day,
        -{{ count_changes() }} as open_customers_change
    from changes_by_customer
    where previous_order_date is not null
    group by 1, 2
    union all
    select
        segment_combination,
        {{ add_days(churn_date('last_order_date'), 1) }} as date_day,
        -{{ count_changes() }} as open_customers_change
    from customers
    group by 1, 2
),

changes_by_day as (
    select
        segments.segment_type,
        segments.segment,
        changes.date_day,
        cast(sum(changes.open_customers_change) as bigint) as open_customers_change
    from changes
    inner join {{ ref('int_segments') }} as segments
        on changes.segment_combination = segments.segment_combination
    group by 1, 2, 3
)

select * from changes_by_day
