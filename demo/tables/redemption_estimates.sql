-- Finance looks at the expected redemption twice a year.
select
    'points_club' as program_id,
    effective_from::date as effective_from,
    round($expected_redemption_rate + 0.03 * normal('estimate', epoch(effective_from)), 3)::double
    as expected_redemption_rate,
    effective_from::timestamp as updated_at,
    night_load(effective_from::timestamp) as _loaded_at
from generate_series(date_trunc('year', $start_date)::timestamp, $end_date::timestamp, interval 6 months)
    as series (effective_from)
