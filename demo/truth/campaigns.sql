-- By how much each campaign raised the purchase rate of everybody it was sent to.
select
    campaign_id,
    sent_at,
    sent_at + to_days($campaign_effect_days) as effect_ends_at,
    effect as purchase_rate_effect
from campaign_plan
where purpose <> 'acquisition'
