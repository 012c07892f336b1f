-- The calendar has every day from its first to its last, so a period that holds a row is there
-- whole.

with bounds as (
    select
        min(date_day) as first_day,
        max(date_day) as last_day,
        count(*) as days
    from {{ ref('dim_dates') }}
)

select *
from bounds
where days <> {{ days_between('first_day', 'last_day') }} + 1
