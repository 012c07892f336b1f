select 'missing_campaign' as dirt_kind, 'quarantined' as outcome, 'missing_campaign_id' as rejection_reasons,
    * replace (null as campaign_id)
from campaigns
where purpose = 'acquisition'
