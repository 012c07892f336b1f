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

flows as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        transactions.program_id,
        sum(transactions.points) filter (where transactions.transaction_type = 'earn') as points_issued,
        sum(transactions.points) filter (where transactions.transaction_type = 'redeem') as points_redeemed,
        sum(transactions.points) filter (where transactions.transaction_type = 'restore') as points_restored,
        sum(transactions.points) filter (where transactions.transaction_type = 'expire') as points_expired,
        sum(transactions.points) filter (where transactions.transaction_type = 'cancel_earn') as points_cancelled,
        sum(transactions.points) filter (where transactions.transaction_type = 'adjust') as points_adjusted,
        sum(transactions.signed_points) as points_change,
        count(distinct case when transactions.transaction_type = 'earn' then transactions.customer_id end)
            as earning_members,
        count(distinct case when transactions.transaction_type = 'redeem' then transactions.customer_id end)
            as redeeming_members
    from transactions
    inner join date_periods
        on transactions.occurred_date = date_periods.date_day
    group by 1, 2, 3
),

-- Points that are earned before they can be spent are pending from the one date to the other.
pending_points as (
    select
        program_id,
        occurred_date as change_date,
        signed_points as points_pending_change
    from transactions
    where available_date > occurred_date and signed_points > 0
    union all
    select
        program_id,
        available_date as change_date,
        -signed_points as points_pending_change
    from transactions
    where available_date > occurred_date and signed_points > 0 and available_date <= as_of_date
),

pending_changes as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        pending_points.program_id,
        sum(pending_points.points_pending_change) as points_pending_change
    from pending_points
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
        coalesce(flows.earning_members, 0) as earning_members,
        coalesce(flows.redeeming_members, 0) as redeeming_members,
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
