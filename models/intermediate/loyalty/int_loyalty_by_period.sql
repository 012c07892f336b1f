-- Points, members, fees and sales by programme on a dense spine, and their running balances; the rates are made in
-- rpt_loyalty_by_period. The spine starts with the ledger or the memberships where these are older than the orders:
-- a balance that begins in the middle is wrong for ever.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

ledger_by_day as (
    select
        points.program_id,
        points.transaction_type,
        points.occurred_date,
        points.pending_until,
        as_of.as_of_date,
        points.points,
        points.signed_points,
        points.entries,
        points.entries_without_points,
        points.reward_cost
    from {{ ref('int_points_by_day') }} as points
    cross join as_of
    where points.occurred_date <= as_of.as_of_date
),

lot_uses_by_day as (
    select
        uses.program_id,
        uses.transaction_type,
        uses.use_type,
        uses.use_date,
        as_of.as_of_date,
        sum(uses.points) as points
    from {{ ref('int_point_lot_uses') }} as uses
    cross join as_of
    where
        uses.use_date <= as_of.as_of_date
        and (uses.transaction_type = 'lapse' or uses.use_type = 'uncovered')
    group by 1, 2, 3, 4, 5
),

points_by_day as (
    select ledger_by_day.*
    from ledger_by_day
    inner join {{ ref('int_program_expiry') }} as expiry
        on ledger_by_day.program_id = expiry.program_id
    where {{ is_entry_used('ledger_by_day.transaction_type', 'expiry.expiry_mode') }}
    union all
    select
        program_id,
        transaction_type,
        use_date as occurred_date,
        cast(null as date) as pending_until,
        as_of_date,
        points,
        -points as signed_points,
        0 as entries,
        0 as entries_without_points,
        0 as reward_cost
    from lot_uses_by_day
    where transaction_type = 'lapse'
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

membership_flows as (
    select
        spells.program_id,
        spells.enrolled_date as membership_date,
        1 as members_enrolled,
        0 as members_left,
        0 as fee_revenue
    from {{ ref('int_membership_spells') }} as spells
    cross join as_of
    where spells.enrolled_date <= as_of.as_of_date
    union all
    select
        spells.program_id,
        spells.left_date as membership_date,
        0 as members_enrolled,
        1 as members_left,
        0 as fee_revenue
    from {{ ref('int_membership_spells') }} as spells
    cross join as_of
    where spells.left_date <= as_of.as_of_date
    union all
    select
        memberships.program_id,
        memberships.occurred_date as membership_date,
        0 as members_enrolled,
        0 as members_left,
        memberships.fee_amount as fee_revenue
    from {{ ref('int_loyalty_memberships') }} as memberships
    cross join as_of
    where memberships.occurred_date <= as_of.as_of_date
),

memberships_by_day as (
    select
        program_id,
        membership_date,
        sum(members_enrolled) as members_enrolled,
        sum(members_left) as members_left,
        sum(fee_revenue) as fee_revenue
    from membership_flows
    group by 1, 2
),

sales_by_day as (
    select * from {{ ref('int_program_sales_by_day') }}
),

programs as (
    select program_id from ledger_by_day
    union distinct
    select program_id from memberships_by_day
    union distinct
    select program_id from sales_by_day
),

first_days as (
    select min(occurred_date) as first_day
    from ledger_by_day
    union all
    select min(membership_date) as first_day
    from memberships_by_day
    union all
    select min(order_date) as first_day
    from {{ ref('fct_orders') }}
    where is_counted
),

first_day as (
    select min(first_day) as first_day from first_days
),

spine as (
    select distinct
        date_periods.period_grain,
        date_periods.period_start,
        date_periods.period_end,
        date_periods.period_end <= as_of.as_of_date as is_complete,
        programs.program_id
    from date_periods
    cross join as_of
    cross join first_day
    cross join programs
    where date_periods.date_day between first_day.first_day and as_of.as_of_date
),

flows as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        points_by_day.program_id,
        sum(points_by_day.points) filter (where points_by_day.transaction_type = 'earn') as points_issued,
        sum(points_by_day.points) filter (where points_by_day.transaction_type = 'redeem') as points_redeemed,
        sum(points_by_day.points) filter (where points_by_day.transaction_type = 'restore') as points_restored,
        sum(points_by_day.points) filter (where points_by_day.transaction_type in ('expire', 'lapse'))
            as points_expired,
        sum(points_by_day.points) filter (where points_by_day.transaction_type = 'cancel_earn') as points_cancelled,
        sum(points_by_day.points) filter (where points_by_day.transaction_type = 'adjust') as points_adjusted,
        sum(points_by_day.signed_points) as points_change,
        sum(points_by_day.entries) filter (where points_by_day.transaction_type = 'redeem') as rewards_redeemed,
        sum(points_by_day.entries_without_points) filter (where points_by_day.transaction_type = 'redeem')
            as rewards_without_points,
        sum(points_by_day.reward_cost) filter (where points_by_day.transaction_type = 'redeem') as reward_cost
    from points_by_day
    inner join date_periods
        on points_by_day.occurred_date = date_periods.date_day
    group by 1, 2, 3
),

uncovered as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        lot_uses_by_day.program_id,
        sum(lot_uses_by_day.points) as points
    from lot_uses_by_day
    inner join date_periods
        on lot_uses_by_day.use_date = date_periods.date_day
    where lot_uses_by_day.use_type = 'uncovered'
    group by 1, 2, 3
),

members_by_day as (
    select
        members_by_day.program_id,
        members_by_day.participation,
        members_by_day.occurred_date,
        members_by_day.previous_date,
        members_by_day.members
    from {{ ref('int_ledger_members_by_day') }} as members_by_day
    cross join as_of
    where members_by_day.occurred_date <= as_of.as_of_date
),

members as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        members_by_day.program_id,
        sum(members_by_day.members) filter (where members_by_day.participation = 'earn') as earning_members,
        sum(members_by_day.members) filter (where members_by_day.participation = 'redeem') as redeeming_members,
        sum(members_by_day.members) filter (where members_by_day.participation = 'earn_or_redeem')
            as participating_members
    from members_by_day
    inner join date_periods
        on members_by_day.occurred_date = date_periods.date_day
    where members_by_day.previous_date is null or members_by_day.previous_date < date_periods.period_start
    group by 1, 2, 3
),

memberships as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        memberships_by_day.program_id,
        sum(memberships_by_day.members_enrolled) as members_enrolled,
        sum(memberships_by_day.members_left) as members_left,
        sum(memberships_by_day.fee_revenue) as fee_revenue
    from memberships_by_day
    inner join date_periods
        on memberships_by_day.membership_date = date_periods.date_day
    group by 1, 2, 3
),

sales as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        sales_by_day.program_id,
        sum(sales_by_day.orders) as program_orders,
        sum(sales_by_day.gross_sales) as program_gross_sales,
        sum(sales_by_day.net_sales) as program_net_sales,
        sum(sales_by_day.loyalty_discounts) as loyalty_discounts
    from sales_by_day
    inner join date_periods
        on sales_by_day.order_date = date_periods.date_day
    group by 1, 2, 3
),

-- Points that are earned before they can be spent are pending from the one date to the other, unless they are gone
-- before.
pending_points as (
    select
        program_id,
        occurred_date,
        pending_until,
        as_of_date,
        sum(signed_points) as points
    from points_by_day
    where pending_until is not null
    group by 1, 2, 3, 4
    union all
    select
        used.program_id,
        used.use_date as occurred_date,
        used.available_date as pending_until,
        as_of.as_of_date,
        -sum(used.points) as points
    from {{ ref('int_pending_points_used') }} as used
    cross join as_of
    where used.use_date <= as_of.as_of_date
    group by 1, 2, 3, 4
),

pending_points_by_day as (
    select
        program_id,
        occurred_date as change_date,
        points as points_pending_change
    from pending_points
    union all
    select
        program_id,
        pending_until as change_date,
        -points as points_pending_change
    from pending_points
    where pending_until <= as_of_date
),

pending_changes as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        pending_points.program_id,
        sum(pending_points.points_pending_change) as points_pending_change
    from pending_points_by_day as pending_points
    inner join date_periods
        on pending_points.change_date = date_periods.date_day
    group by 1, 2, 3
),

periods_filled as (
    select
        spine.period_grain,
        spine.period_start,
        spine.period_end,
        spine.is_complete,
        spine.program_id,
        coalesce(memberships.members_enrolled, 0) as members_enrolled,
        coalesce(memberships.members_left, 0) as members_left,
        coalesce(memberships.fee_revenue, 0) as fee_revenue,
        coalesce(members.earning_members, 0) as earning_members,
        coalesce(members.redeeming_members, 0) as redeeming_members,
        coalesce(members.participating_members, 0) as participating_members,
        coalesce(flows.points_issued, 0) as points_issued,
        coalesce(flows.points_redeemed, 0) as points_redeemed,
        coalesce(flows.points_restored, 0) as points_restored,
        coalesce(flows.points_expired, 0) as points_expired,
        coalesce(flows.points_cancelled, 0) as points_cancelled,
        coalesce(flows.points_adjusted, 0) as points_adjusted,
        coalesce(flows.points_change, 0) as points_change,
        coalesce(pending_changes.points_pending_change, 0) as points_pending_change,
        coalesce(uncovered.points, 0) as points_uncovered_change,
        coalesce(flows.rewards_redeemed, 0) as rewards_redeemed,
        coalesce(flows.rewards_without_points, 0) as rewards_without_points,
        coalesce(flows.reward_cost, 0) as reward_cost,
        coalesce(sales.program_orders, 0) as program_orders,
        coalesce(sales.program_gross_sales, 0) as program_gross_sales,
        coalesce(sales.program_net_sales, 0) as program_net_sales,
        coalesce(sales.loyalty_discounts, 0) as loyalty_discounts
    from spine
    left join flows
        on
            spine.period_grain = flows.period_grain
            and spine.period_start = flows.period_start
            and spine.program_id = flows.program_id
    left join members
        on
            spine.period_grain = members.period_grain
            and spine.period_start = members.period_start
            and spine.program_id = members.program_id
    left join uncovered
        on
            spine.period_grain = uncovered.period_grain
            and spine.period_start = uncovered.period_start
            and spine.program_id = uncovered.program_id
    left join memberships
        on
            spine.period_grain = memberships.period_grain
            and spine.period_start = memberships.period_start
            and spine.program_id = memberships.program_id
    left join sales
        on
            spine.period_grain = sales.period_grain
            and spine.period_start = sales.period_start
            and spine.program_id = sales.program_id
    left join pending_changes
        on
            spine.period_grain = pending_changes.period_grain
            and spine.period_start = pending_changes.period_start
            and spine.program_id = pending_changes.program_id
),

with_history as (
    select
        *,
        sum(members_enrolled - members_left) over to_date as members_at_end,
        sum(points_issued) over to_date as points_issued_to_date,
        sum(points_redeemed) over to_date as points_redeemed_to_date,
        sum(points_uncovered_change) over to_date as points_uncovered,
        sum(points_pending_change) over to_date as points_pending,
        sum(points_change - points_pending_change) over to_date as points_outstanding
    from periods_filled
    window to_date as (
        partition by period_grain, program_id
        order by period_start
        rows between unbounded preceding and current row
    )
)

select * from with_history
