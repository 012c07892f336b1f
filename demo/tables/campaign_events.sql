with messages as (
    select
        *,
        campaign_id || '-' || customer_id_of(person_number) as message_id,
        uniform('delivered ' || campaign_id, person_number) < $delivered_share as is_delivered,
        is_delivered and uniform('opened ' || campaign_id, person_number) < $opened_share as is_opened,
        is_opened and uniform('clicked ' || campaign_id, person_number) < $clicked_share as is_clicked,
        is_delivered and uniform('unsubscribed ' || campaign_id, person_number) < $unsubscribed_share
        as is_unsubscribed,
        to_seconds(cast(120 + 60000 * power(uniform('opening time ' || campaign_id, person_number), 3) as bigint))
        as time_to_open
    from campaign_audience
),

events as (
    select
        *,
        unnest(list_filter([
            case when is_held_out then {'type': 'held_out', 'after': interval 0 seconds} end,
            case when not is_held_out then {'type': 'sent', 'after': interval 0 seconds} end,
            case when not is_held_out and is_delivered then {'type': 'delivered', 'after': interval 20 seconds} end,
            case when not is_held_out and not is_delivered then {'type': 'bounced', 'after': interval 30 seconds} end,
            case when not is_held_out and is_opened then {'type': 'opened', 'after': time_to_open} end,
            case when not is_held_out and is_clicked then {'type': 'clicked', 'after': time_to_open * 1.1} end,
            case when not is_held_out and is_unsubscribed then {'type': 'unsubscribed', 'after': time_to_open * 1.2} end
        ], lambda event: event is not null)) as event
    from messages
)

select
    message_id || '-' || event.type as event_id,
    campaign_id,
    customer_id_of(person_number) as customer_id,
    channel,
    event.type as event_type,
    date_trunc('second', sent_at + event.after) as occurred_at,
    case when event.type = 'sent' then cost_per_message else 0 end::decimal(18, 4) as cost_amount,
    date_trunc('second', sent_at + event.after) as updated_at,
    night_load(sent_at + event.after) as _loaded_at
from events
where sent_at + event.after < $end_at
