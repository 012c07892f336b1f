with standing as (
    {{ standing_versions(ref('stg_exchange_rates'), ref('int_exchange_rate_versions')) }}
)

select
    rate_date,
    currency,
    rate_to_reporting
from standing
