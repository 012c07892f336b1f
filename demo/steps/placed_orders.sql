-- The orders that were placed: the possible moments that survive the day's factor and the effects at work.
with affected as (
    select
        moments.person_number,
        moments.order_key,
        moments.ordered_at,
        moments.acceptance_draw < moments.seasonal_factor as is_placed_anyway,
        coalesce(
            moments.ordered_at > enrolments.club_enrolled_at and moments.ordered_at < enrolments.club_left_at, false
        ) as is_club_member,
        coalesce(
            moments.ordered_at > enrolments.plus_enrolled_at and moments.ordered_at < enrolments.plus_left_at, false
        ) as is_plus_member,
        audience.campaign_id,
        moments.acceptance_draw / moments.seasonal_factor as draw,
        case when is_club_member then 1 + $club_effect else 1 end
        * case when is_plus_member then 1 + $plus_effect else 1 end
        * (1 + coalesce(audience.effect, 0)) as effect
    from purchase_moments as moments
    left join enrolments on enrolments.person_number = moments.person_number
    -- Campaigns are further apart than their effect lasts: at most one matches.
    left join campaign_audience as audience
        on
            audience.person_number = moments.person_number
            and not audience.is_held_out
            and moments.ordered_at >= audience.sent_at
            and moments.ordered_at < audience.sent_at + to_days($campaign_effect_days)
)

select
    person_number,
    order_key,
    row_number() over (partition by person_number order by order_key) as order_number,
    ordered_at,
    is_placed_anyway,
    is_club_member,
    is_plus_member,
    campaign_id
from affected
where draw < effect
