-- One row per campaign and year: messages to customers, and the advertisements that bring new ones.
with years as (
    select unnest(range(year($start_date), year($end_date) + 1)) as year,
)

select
    upper(campaigns_list.campaign_name) || '_' || years.year as campaign_id,
    campaigns_list.campaign_name || ' ' || years.year as campaign_name,
    campaigns_list.channel,
    campaigns_list.purpose,
    cast(years.year || '-' || campaigns_list.sent_on || ' 09:00:00' as timestamp) as sent_at,
    campaigns_list.effect,
    campaigns_list.cost_per_message,
    campaigns_list.min_days_since_first_order,
    years.year
from campaigns_list
cross join years
where sent_at >= $start_date + interval 60 days and sent_at < $end_at
union all
select
    'NEW_' || upper(channels_list.acquisition_channel) || '_' || years.year,
    'New customers by ' || channels_list.acquisition_channel || ' ' || years.year,
    channels_list.acquisition_channel,
    'acquisition',
    null,
    null,
    null,
    null,
    years.year
from channels_list
cross join years
where channels_list.acquisition_channel in ('ppc', 'social')
