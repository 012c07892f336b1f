-- What was posted in a period is what the facts say: refunds by posted_date, and the refunded columns of
-- orders that have no refunds of their own.

{%- if is_batch() %}

-- Reads all orders: not in a batch.
select 1 as failures
where false
{%- else %}

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

refunds as (
    select
        refunds.order_id,
        refunds.posted_date,
        refunds.refund_amount,
        refunds.refund_date <= as_of.as_of_date and refunds.order_date <= as_of.as_of_date as is_known,
        refunds.is_counted and refunds.customer_id is not null as is_reported
    from {{ ref('fct_refunds') }} as refunds
    cross join as_of
),

refunded_orders as (
    select distinct order_id from refunds
),

posted_days as (
    select
        posted_date as date_day,
        refund_amount as returns
    from refunds
    where is_known and is_reported
    union all
    select
        orders.order_date as date_day,
        orders.returns
    from {{ ref('fct_orders') }} as orders
    cross join as_of
    left join refunded_orders
        on orders.order_id = refunded_orders.order_id
    where
        orders.returns > 0
        and orders.order_number is not null
        and orders.order_date <= as_of.as_of_date
        and refunded_orders.order_id is null
),

posted as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        sum(posted_days.returns) as returns_posted
    from posted_days
    inner join {{ ref('int_date_periods') }} as date_periods
        on posted_days.date_day = date_periods.date_day
    group by 1, 2
),

reported as (
    select * from {{ ref('rpt_retention_by_period') }}
    where segment_type = 'all'
)

select
    coalesce(reported.period_grain, posted.period_grain) as period_grain,
    coalesce(reported.period_start, posted.period_start) as period_start,
    reported.returns_posted as found,
    posted.returns_posted as expected
from reported
full outer join posted
    on
        reported.period_grain = posted.period_grain
        and reported.period_start = posted.period_start
where coalesce(reported.returns_posted, 0) <> coalesce(posted.returns_posted, 0)
{%- endif %}
