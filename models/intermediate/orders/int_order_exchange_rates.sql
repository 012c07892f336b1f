-- The rate of each day on which a currency was paid in, so that orders find theirs by an equality.

with foreign_days as (
    select distinct
        currency,
        {{ to_local_date('ordered_at') }} as order_date
    from {{ ref('stg_orders') }}
    where
        currency <> '{{ var("reporting_currency") | upper }}'
        and ordered_at is not null
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
    inner join exchange_rates
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
    inner join exchange_rates
        on
            last_rate_dates.currency = exchange_rates.currency
            and last_rate_dates.rate_date = exchange_rates.rate_date
)

select * from rated_days
