-- What was spent, corrected or lapsed of the lots, oldest first.
--
-- All lots of a member stand in one line (see point_lots), so one counter says it all: the points used up
-- to date. An expiry raises it to what has fallen due. A spending raises it to a goal between what
-- has fallen due and what is available. Nothing lowers it, so it is a running maximum of goals
-- that are known beforehand, and can never pass what is available.
with uses as (
    select
        person_number,
        order_key,
        'order' as kind,
        ordered_at as moment,
        0.5 + 0.5 * uniform('share of points', order_key) as share_of_points,
        $min_redeemed_points as step,
        -- Only if whatever is there fits into the order.
        $max_redeemed_share * (goods_amount - code_discount_amount) / $point_value as most_points
    from member_orders
    where wants_to_redeem
    union all
    select person_number, order_key, 'product', ordered_at + interval 5 days, 1, 500, 1e9
    from member_orders
    where uniform('product reward', order_key) < $product_reward_share and ordered_at + interval 5 days < club_left_at
    union all
    select person_number, order_key, 'correction', ordered_at + interval 20 days, 0.1, 10, 1e9
    from member_orders
    where uniform('correction', order_key) < $adjusted_share / 2
),

movements as (
    select person_number, null as order_key, 'available' as kind, available_at as moment, 0 as rank,
        points - cancelled_points as became_available, 0 as fell_due, null as share_of_points, null as step,
        null as most_points
    from point_lots
    union all
    select person_number, null, 'expiry', expires_at, 1, 0, sum(points - cancelled_points), null, null, null
    from point_lots
    group by person_number, expires_at
    union all
    select person_number, order_key, kind, moment, 2, 0, 0, share_of_points, step, most_points
    from uses
),

counted as (
    select
        *,
        cast(sum(became_available) over line as bigint) as available_to_date,
        cast(sum(fell_due) over line as bigint) as due_to_date
    from movements
    where moment < $end_at
    window line as (partition by person_number order by moment, rank, order_key rows unbounded preceding)
),

goals as (
    select
        *,
        case
            when kind = 'available' then 0
            when kind = 'expiry' then due_to_date
            when available_to_date - due_to_date > most_points then 0
            else greatest(due_to_date, cast(floor(
                (due_to_date + share_of_points * (available_to_date - due_to_date)) / step
            ) * step as bigint))
        end as goal
    from counted
),

differences as (
    select
        person_number,
        order_key,
        kind,
        moment,
        max(goal) over (line rows unbounded preceding)
        - coalesce(max(goal) over (line rows between unbounded preceding and 1 preceding), 0) as points
    from goals
    window line as (partition by person_number order by moment, rank, order_key)
)

select *
from differences
where points > 0
