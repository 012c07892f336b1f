-- The more loyal (the lower the unseen drop-out rate), the better the mark.
select
    'N-' || orders.order_id as response_id,
    persons.customer_id,
    -- Text, as the survey tool exports it.
    cast(least(10, greatest(0, round(
        6.9 - 0.3 * ln(persons.drop_out_rate_per_day * $drop_out_scale_days)
        - case when orders.is_returned then 1.5 else 0 end + 1.8 * normal('score', orders.order_key)
    )))::integer as varchar) as score,
    orders.ordered_at + interval 14 days as responded_at,
    case when uniform('survey channel', orders.order_key) < 0.7 then 'email' else 'app' end as survey_channel,
    orders.ordered_at + interval 14 days as updated_at,
    night_load(orders.ordered_at + interval 14 days) as _loaded_at
from order_values as orders
inner join persons on persons.person_number = orders.person_number
where
    not persons.is_guest
    and uniform('survey answered', orders.order_key) < $survey_share
    and orders.ordered_at + interval 14 days < $end_at
