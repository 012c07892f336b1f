with first_events as (
    select *
    from campaign_events
    where event_type = 'sent'
)

select 'unknown_event_type' as dirt_kind, 'quarantined' as outcome, 'unknown_event_type' as rejection_reasons,
    * replace (event_id || '-type' as event_id, 'teleported' as event_type)
from first_events
where is_chosen(customer_id, 'unknown_event_type', $dirt_interval / 2)
union all
select 'unknown_channel', 'quarantined', 'unknown_channel',
    * replace (event_id || '-pigeon' as event_id, 'pigeon' as channel)
from first_events
where is_chosen(customer_id, 'unknown_channel', $dirt_interval / 2)
union all
select 'negative_cost', 'quarantined', 'negative_amount',
    * replace (event_id || '-cost' as event_id, -0.05 as cost_amount)
from first_events
where is_chosen(customer_id, 'negative_cost', $dirt_interval / 2)
union all
select 'missing_campaign', 'quarantined', 'missing_campaign_id',
    * replace (event_id || '-none' as event_id, null as campaign_id)
from first_events
where is_chosen(customer_id, 'missing_campaign', $dirt_interval / 2)
union all
select 'exact_duplicate', 'superseded', null, *
from first_events
where is_chosen(customer_id, 'exact_duplicate', $dirt_interval / 2)
