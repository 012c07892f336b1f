-- Banks publish on working days only.
select
    day as rate_date,
    'EUR' as currency,
    euro_rate::double as rate_to_reporting,
    day + interval 16 hours as updated_at,
    night_load(day + interval 16 hours) as _loaded_at
from calendar
where isodow(day) <= 5
