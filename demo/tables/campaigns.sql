select
    campaign_id,
    campaign_name,
    channel,
    purpose,
    greatest(coalesce(sent_at - interval 7 days, make_timestamp(year, 1, 1, 0, 0, 0)), $start_date::timestamp)
    as updated_at,
    night_load(updated_at) as _loaded_at
from campaign_plan
