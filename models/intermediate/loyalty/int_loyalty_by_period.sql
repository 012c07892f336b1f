-- Flows of points by programme on a dense spine, and their running balances; the rates are made in
-- rpt_loyalty_by_period. The spine starts with the ledger where that is older than the orders:
-- a balance that begins in the middle is wrong for ever.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

transactions as (
    select
        loyalty_transactions.*,
        as_of.as_of_date
    from {{ ref('fct_loyalty_transactions') }} as loyalty_transactions
    cross join as_of
    where loyalty_transactions.occurred_date <= as_of.as_of_date
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

programs as (
    select distinct program_id from transactions
),

first_days as (
    select min(occurred_date) as first_day
    from transactions
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

-- The ledger is added up by day first: a day lies in one period of each grain.
flows_by_day as (
    select
        program_id,
        occurred_date,
        sum(points) filter (where transaction_type = 'earn') as points_issued,
        sum(points) filter (where transaction_type = 'redeem') as points_redeemed,
        sum(points) filter (where transaction_type = 'restore') as points_restored,
        sum(points) filter (where transaction_type = 'expire') as points_expired,
        sum(points) filter (where transaction_type = 'cancel_earn') as points_cancelled,
        sum(points) filter (where transaction_type = 'adjust') as points_adjusted,
        sum(signed_points) as points_change
    from transactions
    group by 1, 2
),

flows as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        flows_by_day.program_id,
        sum(flows_by_day.points_issued) as points_issued,
        sum(flows_by_day.points_redeemed) as points_redeemed,
        sum(flows_by_day.points_restored) as points_restored,
        sum(flows_by_day.points_expired) as points_expired,
        sum(flows_by_day.points_cancelled) as points_cancelled,
        sum(flows_by_day.points_adjusted) as points_adjusted,
        sum(flows_by_day.points_change) as points_change
    from flows_by_day
    inner join date_periods
        on flows_by_day.occurred_date = date_periods.date_day
    group by 1, 2, 3
),

-- A member counts where the entry before lies in an earlier period. So days and the days before them
-- are counted, whatever the grain, and no list of members is kept for any period.
member_days as (
    select
        program_id,
        transaction_type,
        occurred_date,
        lag(occurred_date) over (
            partition by program_id, transaction_type, customer_id
            order by occurred_date
        ) as previous_date
    from transactions
    where transaction_type in ('earn', 'redeem')
),

members_by_day as (
    select
        program_id,
        transaction_type,
        occurred_date,
        previous_date,
        count(*) as members
    from member_days
    where previous_date is null or previous_date < occurred_date
    group by 1, 2, 3, 4
),

members as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        members_by_day.program_id,
        sum(members_by_day.members) filter (where members_by_day.transaction_type = 'earn') as earning_members,
        sum(members_by_day.members) filter (where members_by_day.transaction_type = 'redeem') as redeeming_members
    from members_by_day
    inner join date_periods
        on members_by_day.occurred_date = date_periods.date_day
    where members_by_day.previous_date is null or members_by_day.previous_date < date_periods.period_start
    group by 1, 2, 3
),

-- Points that are earned before they can be spent are pending from the one date to the other.
pending_points as (
    select
        program_id,
        occurred_date,
        available_date,
        as_of_date,
        sum(signed_points) as points
    from transactions
    where available_date > occurred_date and signed_points > 0
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
        available_date as change_date,
        -points as points_pending_change
    from pending_points
    where available_date <= as_of_date
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
        coalesce(members.earning_members, 0) as earning_members,
        coalesce(members.redeeming_members, 0) as redeeming_members,
        coalesce(flows.points_issued, 0) as points_issued,
        coalesce(flows.points_redeemed, 0) as points_redeemed,
        coalesce(flows.points_restored, 0) as points_restored,
        coalesce(flows.points_expired, 0) as points_expired,
        coalesce(flows.points_cancelled, 0) as points_cancelled,
        coalesce(flows.points_adjusted, 0) as points_adjusted,
        coalesce(flows.points_change, 0) as points_change,
        coalesce(pending_changes.points_pending_change, 0) as points_pending_change
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
    left join pending_changes
        on
            spine.period_grain = pending_changes.period_grain
            and spine.period_start = pending_changes.period_start
            and spine.program_id = pending_changes.program_id
),

with_history as (
    select
        *,
        sum(points_issued) over to_date as points_issued_to_date,
        sum(points_redeemed) over to_date as points_redeemed_to_date,
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
