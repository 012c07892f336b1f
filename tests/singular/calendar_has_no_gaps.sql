-- The calendar has every day from its first to its last, as_of among them, so a period that holds a row is
-- there whole.

with bounds as (
    select
        min(date_day) as first_day,
        max(date_day) as last_day,
        count(*) as days
    from {{ ref('dim_dates') }}
)

select
    bounds.first_day,
    bounds.last_day,
    bounds.days,
    as_of.as_of_date
from bounds
left join {{ ref('int_as_of') }} as as_of
    on true
where
    bounds.days <> {{ days_between('bounds.first_day', 'bounds.last_day') }} + 1
    or coalesce(as_of.as_of_date not between bounds.first_day and bounds.last_day, as_of.as_of_date is not null)
