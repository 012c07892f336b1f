select
    program_id,
    program_name,
    program_type,
    delivery,
    point_value::double as point_value,
    points_expire_after_days::bigint as points_expire_after_days,
    expected_redemption_rate::double as expected_redemption_rate,
    partner_cost_share::double as partner_cost_share,
    $start_date::timestamp as updated_at,
    night_load($start_date::timestamp) as _loaded_at
from (
    values
    ('points_club', 'Points Club', 'tiered', 'mobile_app', $point_value, $points_expire_after_days,
        $expected_redemption_rate, 0.1),
    ('plus', 'Plus', 'subscription', 'card', 0, null, null, null)
) as programs (
    program_id, program_name, program_type, delivery, point_value, points_expire_after_days,
    expected_redemption_rate, partner_cost_share
)
