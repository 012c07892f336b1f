with standing as (
    {{ standing_versions(ref('stg_loyalty_programs'), ref('int_loyalty_program_versions')) }}
)

select
    program_id,
    program_name,
    program_type,
    delivery,
    point_value,
    points_expire_after_days,
    expected_redemption_rate,
    partner_cost_share,
    updated_at,
    _loaded_at
from standing
