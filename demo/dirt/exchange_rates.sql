select 'missing_rate' as dirt_kind, 'quarantined' as outcome, 'missing_rate_to_reporting' as rejection_reasons,
    * replace ('CHF' as currency, null as rate_to_reporting)
from exchange_rates
where day(rate_date) = 5 and month(rate_date) % 3 = 0
union all
-- The first, provisional rate of a day.
select 'older_version', 'superseded', null,
    * replace (rate_to_reporting + 0.01 as rate_to_reporting, updated_at - interval 3 hours as updated_at)
from exchange_rates
where day(rate_date) = 12
