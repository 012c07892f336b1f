-- What a channel costs follows what it brings, with some noise; the e-mail tool costs every day.
with shares as (
    select
        *,
        weight / sum(weight) over () as share
    from channels_list
),

spend as (
    select
        calendar.day,
        shares.acquisition_channel as channel,
        'acquisition' as purpose,
        calendar.arrival_share * $customers * shares.share * shares.acquisition_cost
        * exp(0.2 * normal('spend ' || shares.acquisition_channel, epoch(calendar.day))) as amount,
        case
            when shares.acquisition_channel in ('ppc', 'social')
                then 'NEW_' || upper(shares.acquisition_channel) || '_' || year(calendar.day)
        end as campaign_id,
        shares.spend_currency as currency
    from calendar
    cross join shares
    where calendar.is_open and shares.acquisition_cost > 0
    union all
    select
        day,
        'email',
        'retention',
        $email_tool_cost * $customers * arrivals_before,
        null,
        'USD'
    from calendar
    where is_open
)

select
    day as spend_date,
    channel,
    money(amount) as amount,
    'S-' || strftime(day, '%Y%m%d') || '-' || channel || '-' || purpose as spend_id,
    campaign_id,
    purpose,
    currency,
    day + interval 1 day - interval 1 minute as updated_at,
    night_load(day + interval 1 day - interval 1 minute) as _loaded_at
from spend
