{{ config(materialized='incremental', incremental_strategy='replaced') }}

-- The rate of each day on which a currency was paid in, so that orders find theirs by an equality; NULL where
-- none is known yet. Orders of a day whose rate has changed since are judged again.

with orders as (
    select
        currency,
        {{ to_local_date('ordered_at') }} as order_date
    from {{ ref('stg_orders') }}
    where
        currency <> '{{ var("reporting_currency") | upper }}'
        and ordered_at is not null
        and {{ is_new('orders') if is_batch() else 'true' }}
),

foreign_days as (
    select distinct
        currency,
        order_date
    from orders
    {%- if is_batch() %}
    union distinct
    select
        currency,
        order_date
    from {{ this }}
    {%- endif %}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

last_rate_dates as (
    select
        foreign_days.currency,
        foreign_days.order_date,
        max(exchange_rates.rate_date) as rate_date
    from foreign_days
    left join exchange_rates
        on
            foreign_days.currency = exchange_rates.currency
            and foreign_days.order_date >= exchange_rates.rate_date
    group by 1, 2
),

rated_days as (
    select
        last_rate_dates.currency,
        last_rate_dates.order_date,
        exchange_rates.rate_date,
        exchange_rates.rate_to_reporting as exchange_rate
    from last_rate_dates
    left join exchange_rates
        on
            last_rate_dates.currency = exchange_rates.currency
            and last_rate_dates.rate_date = exchange_rates.rate_date
),

marked as (
    {%- if is_batch() %}
    select
        rated_days.*,
        cast(case
            when before.currency is null or before.exchange_rate is not distinct from rated_days.exchange_rate
                then before.changed_batch
            else {{ this_batch().batch }}
        end as bigint) as changed_batch
    from rated_days
    left join {{ this }} as before
        on
            rated_days.currency = before.currency
            and rated_days.order_date = before.order_date
    {%- else %}
    select
        *,
        cast(null as bigint) as changed_batch
    from rated_days
    {%- endif %}
)

select * from marked
