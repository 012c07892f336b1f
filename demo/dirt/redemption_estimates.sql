select 'missing_estimate' as dirt_kind, 'quarantined' as outcome,
    'missing_expected_redemption_rate' as rejection_reasons,
    * replace (effective_from + 14 as effective_from, null as expected_redemption_rate)
from redemption_estimates
where month(effective_from) = 1
