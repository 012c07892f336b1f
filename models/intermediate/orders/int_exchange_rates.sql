with standing as (
    {{ standing_versions(ref('stg_exchange_rates'), ref('int_exchange_rate_versions')) }}
)

select
    rate_date,
    currency,
    rate_to_reporting,
    updated_at,
    _loaded_at
from standing
