{{ config(materialized='view') }}

-- From day to day, whatever the lots say: that what is left of them comes to the balance is tested.

with as_of as (
    select as_of_date from {{ ref('int_as_of').include(database=false) }}
),

expiry as (
    select * from {{ ref('int_program_expiry').include(database=false) }}
),

transactions as (
    select
        transactions.customer_id,
        transactions.program_id,
        transactions.signed_points,
        transactions.occurred_date,
        transactions.available_date
    from {{ ref('fct_loyalty_transactions').include(database=false) }} as transactions
    inner join expiry
        on transactions.program_id = expiry.program_id
    where
        transactions.signed_points <> 0
        and {{ is_entry_used('transactions.transaction_type', 'expiry.expiry_mode') }}
),

lot_uses as (
    select * from {{ ref('int_point_lot_uses').include(database=false) }}
),

-- Points wait from the day on which they are earned until they can be spent, unless they are gone before.
pending_points as (
    select
        customer_id,
        program_id,
        occurred_date as from_date,
        available_date,
        signed_points as points
    from transactions
    where available_date > occurred_date and signed_points > 0
    union all
    select
        customer_id,
        program_id,
        use_date as from_date,
        available_date,
        -points as points
    from {{ ref('int_pending_points_used').include(database=false) }}
),

changes as (
    select
        customer_id,
        program_id,
        occurred_date as balance_date,
        signed_points as points_change,
        0 as points_pending_change,
        0 as points_uncovered_change
    from transactions
    union all
    select
        customer_id,
        program_id,
        from_date as balance_date,
        0 as points_change,
        points as points_pending_change,
        0 as points_uncovered_change
    from pending_points
    union all
    select
        customer_id,
        program_id,
        available_date as balance_date,
        0 as points_change,
        -points as points_pending_change,
        0 as points_uncovered_change
    from pending_points
    union all
    select
        customer_id,
        program_id,
        use_date as balance_date,
        case when transaction_type = 'lapse' then -points else 0 end as points_change,
        0 as points_pending_change,
        case when use_type = 'uncovered' then points else 0 end as points_uncovered_change
    from lot_uses
    where transaction_type = 'lapse' or use_type = 'uncovered'
),

days as (
    select
        changes.customer_id,
        changes.program_id,
        changes.balance_date,
        sum(changes.points_change) as points_change,
        sum(changes.points_pending_change) as points_pending_change,
        sum(changes.points_uncovered_change) as points_uncovered_change
    from changes
    inner join as_of
        on changes.balance_date <= as_of.as_of_date
    group by 1, 2, 3
),

balances as (
    select
        customer_id,
        program_id,
        balance_date,
        cast(points_change as decimal(28, 4)) as points_change,
        cast(sum(points_change - points_pending_change) over to_date as decimal(28, 4)) as points_balance,
        cast(sum(points_pending_change) over to_date as decimal(28, 4)) as points_pending,
        cast(sum(points_uncovered_change) over to_date as decimal(28, 4)) as points_uncovered
    from days
    window to_date as (
        partition by customer_id, program_id
        order by balance_date
        rows between unbounded preceding and current row
    )
)

select * from balances
