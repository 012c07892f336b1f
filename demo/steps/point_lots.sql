-- Every credit of the points club is a lot: what was earned, when it can be spent, when it lapses.
-- One rule for all credits (available after 30 days, lapsed after 365) keeps lots in one order:
-- first earned is first available and first to lapse.
with purchases as (
    select
        person_number,
        order_key,
        order_id,
        'earn' as transaction_type,
        'purchase' as activity,
        null::varchar as partner_id,
        ordered_at as earned_at,
        points_earned as points,
        -- Returns end before points become available, so only pending points are taken back.
        coalesce(cancelled_at, refunded_at) as cancelled_at,
        case
            when is_cancelled or returned_share = 1 then points_earned
            when is_returned then cast(floor(points_earned * returned_share) as bigint)
            else 0
        end as cancelled_points
    from member_orders
    where points_earned > 0
),

-- Only purchases name their order: what is taken back for an order is what it earned, not the review of it.
other_credits as (
    select person_number, customer_id_of(person_number) || '-signup' as source,
        'earn' as transaction_type, 'sign_up' as activity, null as partner_id,
        club_enrolled_at as earned_at, club_left_at, $sign_up_points as points
    from enrolments
    union all
    select persons.person_number, persons.customer_id || '-referred', 'earn', 'referral', null,
        enrolments.club_enrolled_at + interval 5 minutes, enrolments.club_left_at, $referred_points
    from enrolments
    inner join persons on persons.person_number = enrolments.person_number
    where persons.acquisition_channel = 'referral'
    union all
    select persons.person_number, persons.customer_id || '-birthday' || years.year, 'earn', 'birthday', null,
        persons.birth_date + to_years(years.year - year(persons.birth_date)) + interval 6 hours,
        enrolments.club_left_at, $birthday_points
    from enrolments
    inner join persons on persons.person_number = enrolments.person_number
    inner join (select unnest(range(year($start_date), year($end_date) + 1))::integer as year) as years
        on
            persons.birth_date + to_years(years.year - year(persons.birth_date)) + interval 6 hours
            > enrolments.club_enrolled_at
    union all
    select person_number, order_id || '-tier', 'earn', 'tier_bonus', null,
        ordered_at + interval 1 minute, club_left_at, upgrade_bonus
    from member_orders
    where level_after > level_before and not is_cancelled
    union all
    select member_orders.person_number,
        member_orders.order_id || '-' || activities_list.activity || activities_list.points,
        'earn', activities_list.activity, nullif(activities_list.partner_id, ''),
        member_orders.ordered_at + to_days(activities_list.days_after), member_orders.club_left_at,
        activities_list.points
    from member_orders
    inner join activities_list
        on uniform(activities_list.activity || activities_list.points, member_orders.order_key) < activities_list.share
    where not member_orders.is_cancelled
    union all
    select person_number, order_id || '-goodwill', 'adjust', 'other', null,
        ordered_at + interval 2 days, club_left_at, 50
    from member_orders
    where uniform('goodwill', order_key) < $adjusted_share / 2
),

all_credits as (
    select
        'E-' || order_id as lot_id,
        *
    from purchases
    union all by name
    select
        case transaction_type when 'earn' then 'E-' else 'A-' end || source as lot_id,
        * exclude (club_left_at, source),
        0 as cancelled_points
    from other_credits
    where earned_at < club_left_at
)

select
    *,
    earned_at + to_days($points_available_after_days) as available_at,
    cast(cast(earned_at as date) + $points_expire_after_days + 1 as timestamp) as expires_at
from all_credits
where earned_at < $end_at
