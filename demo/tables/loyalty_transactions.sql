with entries as (
    -- Credits: earned, given back, corrected upwards.
    select
        lot_id as loyalty_transaction_id, person_number, transaction_type, points, earned_at as occurred_at,
        order_id, partner_id, activity, available_at, expires_at
    from point_lots
    union all by name
    -- Taken back while pending, because the order was cancelled or returned.
    select
        'X-' || order_id as loyalty_transaction_id, person_number, 'cancel_earn' as transaction_type,
        cancelled_points as points, cancelled_at as occurred_at, order_id, activity
    from point_lots
    where cancelled_points > 0
    union all by name
    select
        case used.kind when 'expiry' then 'Y-' || customer_id_of(used.person_number) || strftime(used.moment, '-%Y%m%d')
            else upper(left(used.kind, 1)) || '-' || orders.order_id end as loyalty_transaction_id,
        used.person_number,
        case used.kind when 'expiry' then 'expire' when 'correction' then 'adjust' else 'redeem' end
        as transaction_type,
        case used.kind when 'correction' then -used.points else used.points end as points,
        used.moment as occurred_at,
        case when used.kind = 'order' then orders.order_id end as order_id,
        case used.kind when 'correction' then 'other' else 'purchase' end as activity,
        case used.kind when 'order' then 'money_off' when 'product' then 'rewards_shop' end as reward_id,
        case used.kind when 'order' then 'discount' when 'product' then 'product' end as reward_type,
        case
            -- Points are worth a hundredth of the order's currency, costs are in USD.
            when used.kind = 'order'
                then money(used.points * $point_value
                    * case persons.currency when 'EUR' then calendar.euro_rate else 1 end)
            when used.kind = 'product' then money(used.points * 0.007)
        end as reward_cost
    from points_used as used
    inner join persons on persons.person_number = used.person_number
    left join order_values as orders on orders.order_key = used.order_key
    left join calendar on calendar.day = cast(used.moment as date)
    union all by name
    -- An invitation for gold members: costs them nothing.
    select
        'V-' || order_id as loyalty_transaction_id, person_number, 'redeem' as transaction_type, 0 as points,
        ordered_at + interval 1 hour as occurred_at, 'other' as activity, 'workshop' as reward_id,
        'experiential' as reward_type, 12.50 as reward_cost
    from member_orders
    where tier_before = 'gold' and not is_cancelled and uniform('experience', order_key) < $experience_share
)

select
    loyalty_transaction_id,
    customer_id_of(person_number) as customer_id,
    transaction_type,
    points::decimal(18, 4) as points,
    occurred_at,
    'points_club' as program_id,
    order_id,
    partner_id,
    activity,
    coalesce(available_at, occurred_at) as available_at,
    expires_at,
    reward_id,
    reward_type,
    reward_cost::decimal(18, 4) as reward_cost,
    occurred_at as updated_at,
    night_load(occurred_at) as _loaded_at
from entries
where occurred_at < $end_at
