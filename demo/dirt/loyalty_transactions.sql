-- Members are about a third of all persons: a quarter of the interval gives as many rows.
with sign_ups as (
    select *
    from loyalty_transactions
    where activity = 'sign_up'
),

credits as (
    select
        customer_id,
        sum(points) as points
    from loyalty_transactions
    where transaction_type in ('earn', 'restore', 'adjust')
    group by customer_id
)

select 'unknown_transaction_type' as dirt_kind, 'quarantined' as outcome,
    'unknown_transaction_type' as rejection_reasons,
    * replace (loyalty_transaction_id || '-type' as loyalty_transaction_id, 'gift' as transaction_type)
from sign_ups
where is_chosen(customer_id, 'unknown_transaction_type', $dirt_interval / 4)
union all
select 'zero_points', 'quarantined', 'non_positive_points',
    * replace (loyalty_transaction_id || '-zero' as loyalty_transaction_id, 0 as points)
from sign_ups
where is_chosen(customer_id, 'zero_points', $dirt_interval / 4)
union all
select 'signed_points', 'quarantined', 'non_positive_points',
    * replace (loyalty_transaction_id || '-sign' as loyalty_transaction_id, 'redeem' as transaction_type,
        -200 as points, null as expires_at)
from sign_ups
where is_chosen(customer_id, 'signed_points', $dirt_interval / 4)
union all
select 'expires_before_earned', 'quarantined', 'expires_before_earned',
    * replace (loyalty_transaction_id || '-past' as loyalty_transaction_id,
        occurred_at - interval 10 days as expires_at)
from sign_ups
where is_chosen(customer_id, 'expires_before_earned', $dirt_interval / 4)
union all
select 'missing_points', 'quarantined', 'missing_points',
    * replace (loyalty_transaction_id || '-none' as loyalty_transaction_id, null as points)
from sign_ups
where is_chosen(customer_id, 'missing_points', $dirt_interval / 4)
union all
-- Nothing is wrong with the row: the ledger is. On the last evening, so that no later entry is affected.
select 'redeemed_above_balance', 'accepted', null,
    sign_ups.* replace (sign_ups.loyalty_transaction_id || '-over' as loyalty_transaction_id,
        'redeem' as transaction_type, credits.points + 50 as points, 'purchase' as activity,
        $end_at - interval 1 minute as occurred_at, $end_at - interval 1 minute as available_at,
        null as expires_at, 'product' as reward_type,
        $end_at - interval 1 minute as updated_at, night_load($end_at - interval 1 minute) as _loaded_at)
from sign_ups
inner join credits on credits.customer_id = sign_ups.customer_id
where is_chosen(sign_ups.customer_id, 'redeemed_above_balance', $dirt_interval / 4)
union all
select 'exact_duplicate', 'superseded', null, *
from sign_ups
where is_chosen(customer_id, 'exact_duplicate', $dirt_interval / 4)
