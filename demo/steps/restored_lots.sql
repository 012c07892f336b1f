-- Points that were spent on a cancelled order come back as a new lot, once its earned points have been taken.
with cancellations as (
    select
        *,
        cancelled_at + interval 1 minute as restored_at
    from member_orders
    where is_cancelled
)

select
    'G-' || cancellations.order_id as lot_id,
    used.person_number,
    used.order_key,
    cancellations.order_id,
    'restore' as transaction_type,
    'purchase' as activity,
    cancellations.restored_at as earned_at,
    used.points,
    0 as cancelled_points,
    cancellations.restored_at + to_days($points_available_after_days) as available_at,
    cast(cast(cancellations.restored_at as date) + $points_expire_after_days + 1 as timestamp) as expires_at
from points_used as used
inner join cancellations on cancellations.order_key = used.order_key
where used.kind = 'order' and cancellations.restored_at < $end_at
