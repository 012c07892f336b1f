-- The moments at which a person might buy: the first order, then a Poisson process as busy as the busiest
-- day under every effect. What is kept of it (acceptance_draw below the day's factor times the effects) is
-- a Poisson process at the rate of that day: "thinning". The same draws serve with and without effects, so the
-- orders that an effect has caused are known one by one.
with busiest as (
    select max(seasonal_factor) * $strongest_effect as factor
    from calendar
),

exposures as (
    select
        persons.person_number,
        persons.first_moment,
        least(persons.drop_out_at, $end_at) as until_at,
        persons.purchase_rate_per_day * busiest.factor as busiest_rate,
        epoch(until_at - persons.first_moment) / 86400.0 * busiest_rate as expected_moments
    from persons
    cross join busiest
    where not persons.is_account_only
),

-- More gaps than are ever needed: the mean, four standard deviations, and four for small numbers.
gaps as (
    select
        person_number,
        first_moment,
        until_at,
        busiest_rate,
        unnest(range(1, cast(5 + expected_moments + 4 * sqrt(expected_moments) as bigint))) as number
    from exposures
),

moments as (
    select
        person_number,
        number,
        until_at,
        -- Whole microseconds, so that the running sum is exact; at most ten years each.
        first_moment + to_microseconds(cast(sum(cast(least(
            315360000000000, 86400000000 * exponential('gap', order_key_of(person_number, number)) / busiest_rate
        ) as bigint)) over (partition by person_number order by number) as bigint)) as moment
    from gaps
),

-- The first order has number 0 and always happens.
possible as (
    select person_number, number, moment
    from moments
    where moment < until_at
    union all
    select person_number, 0, first_moment
    from exposures
)

select
    possible.person_number,
    order_key_of(possible.person_number, possible.number) as order_key,
    by_daylight(possible.moment) as ordered_at,
    calendar.seasonal_factor,
    case
        when possible.number = 0 then 0
        else uniform('accept', order_key_of(possible.person_number, possible.number)) * busiest.factor
    end as acceptance_draw
from possible
cross join busiest
inner join calendar on calendar.day = cast(possible.moment as date)
