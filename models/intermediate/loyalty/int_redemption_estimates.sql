with standing as (
    {{ standing_versions(ref('stg_redemption_estimates'), ref('int_redemption_estimate_versions')) }}
)

select
    program_id,
    effective_from,
    expected_redemption_rate
from standing
