{{ config(materialized='increment') }}

-- The days of back-tests to judge again: those whose window reaches a day on which a customer has ordered now and had
-- not before, or the other way round, new ones, and those that as_of no longer lets judge. Most days of a shop
-- touch none: what is past is past. No rows where everything is built anew.

-- depends_on: {{ ref('dim_dates') }}
-- depends_on: {{ ref('int_as_of') }}
-- depends_on: {{ ref('int_batch_orders') }}
-- depends_on: {{ ref('int_batch_orders_before') }}
-- depends_on: {{ ref('int_touched_customers') }}

{%- if is_batch() %}

with orders as (
    select
        customer_id,
        order_date,
        case when order_number = 1 then coalesce(sales_channel, 'unknown') end as first_sales_channel,
        true as is_now
    from {{ ref('int_batch_orders') }}
    where order_number is not null and customer_id in (select customer_id from {{ ref('int_touched_customers') }})
    union all
    select
        customer_id,
        order_date,
        case when order_number = 1 then coalesce(sales_channel, 'unknown') end as first_sales_channel,
        false as is_now
    from {{ ref('int_batch_orders_before') }}
    where order_number is not null
),

changed_days as (
    select
        customer_id,
        order_date
    from orders
    group by customer_id, order_date
    having
        count(*) filter (where is_now) = 0
        or count(*) filter (where not is_now) = 0
        or max(first_sales_channel) filter (where is_now)
        is distinct from max(first_sales_channel) filter (where not is_now)
),

first_changed_day as (
    select min(order_date) as order_date from changed_days
),

judged_days as (
    select distinct as_of_date from {{ as_it_stood('rpt_churn_methods') }}
),

quarter_ends as (
    select date_day as as_of_date
    from {{ ref('dim_dates') }}
    where date_day = quarter_end
    union distinct
    select as_of_date from judged_days
),

touched as (
    select quarter_ends.as_of_date
    from quarter_ends
    cross join {{ ref('int_as_of') }} as as_of
    cross join first_changed_day
    left join judged_days
        on quarter_ends.as_of_date = judged_days.as_of_date
    where
        judged_days.as_of_date is null
        or {{ add_days('quarter_ends.as_of_date', var('churn_after_days')) }} >= first_changed_day.order_date
        or {{ add_days('quarter_ends.as_of_date', var('churn_after_days')) }} > as_of.as_of_date
)

select * from touched
{%- else %}

select as_of_date
from {{ ref('int_as_of') }}
where false
{%- endif %}
