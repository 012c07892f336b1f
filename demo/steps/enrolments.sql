-- Who joined the points club and the paid membership, and when. Joining happens at an order that would have
-- happened anyway and is the likelier the more a person buys: this is what misleads a naive comparison.
with chances as (
    select
        moments.person_number,
        moments.order_key,
        moments.ordered_at,
        persons.drop_out_at,
        persons.relative_purchase_rate,
        uniform('join club', moments.order_key)
        < $club_join_base + $club_join_slope * (1 - exp(-persons.relative_purchase_rate)) as joins_club,
        uniform('join plus', moments.order_key)
        < $plus_join_base + $plus_join_slope * (1 - exp(-persons.relative_purchase_rate / 2)) as joins_plus
    from purchase_moments as moments
    inner join persons on persons.person_number = moments.person_number
    where moments.acceptance_draw < moments.seasonal_factor and not persons.is_guest
),

joined as (
    select
        person_number,
        any_value(drop_out_at) as drop_out_at,
        -- Shortly before the order, which then counts as a member's.
        min(ordered_at) filter (where joins_club) - interval 2 minutes as club_enrolled_at,
        min(ordered_at) filter (where joins_plus) - interval 1 minute as plus_enrolled_at
    from chances
    group by person_number
),

-- A term of the paid membership is a year; it is renewed by some, never by who no longer buys.
terms as (
    select
        *,
        club_enrolled_at + to_seconds(cast(
            365 * 86400 * least(100, exponential('leave club', person_number) / $club_yearly_leavers) as bigint
        )) as club_left_at,
        least(
            1 + floor(exponential('renew plus', person_number) / -ln($plus_renewal_rate)),
            greatest(1, ceil(date_diff('day', plus_enrolled_at, drop_out_at) / 365.0))
        )::bigint as plus_terms
    from joined
    where club_enrolled_at is not null or plus_enrolled_at is not null
)

select
    person_number,
    club_enrolled_at,
    club_left_at,
    plus_enrolled_at,
    plus_terms,
    plus_enrolled_at + to_days(cast(365 * plus_terms as integer)) as plus_left_at
from terms
