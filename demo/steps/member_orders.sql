-- The orders of points club members, with the tier before and after and the points they earn.
-- A tier follows from what was ordered in the last 365 days and is looked at anew with each order.
with spending as (
    select
        orders.*,
        enrolments.club_enrolled_at,
        enrolments.club_left_at,
        coalesce(sum(orders.goods_amount) filter (where not orders.is_cancelled) over (
            partition by orders.person_number
            order by orders.ordered_at
            range between interval 365 days preceding and current row
        ), 0) as spend_in_year
    from order_values as orders
    inner join enrolments on enrolments.person_number = orders.person_number
    where orders.is_club_member
),

reached as (
    select
        *,
        (
            select max(tiers_list.level) from tiers_list where spending.spend_in_year >= tiers_list.min_spend
        ) as level_after
    from spending
),

compared as (
    select
        *,
        lag(level_after, 1, 0) over (partition by person_number order by order_key) as level_before,
        row_number() over (partition by person_number, is_cancelled order by order_key) as number_of_its_kind
    from reached
)

select
    compared.* exclude (number_of_its_kind),
    before.tier as tier_before,
    after.tier as tier_after,
    after.upgrade_bonus,
    -- On the goods after the code, before the points that are spent.
    cast(floor((compared.goods_amount - compared.code_discount_amount) * before.points_per_unit) as bigint)
    as points_earned,
    uniform('redeem', compared.order_key) < $redeeming_order_share
    -- Points given back make a new lot; one such lot per member keeps the ledger a single pass.
    and (not compared.is_cancelled or compared.number_of_its_kind = 1) as wants_to_redeem
from compared
inner join tiers_list as before on before.level = compared.level_before
inner join tiers_list as after on after.level = compared.level_after
