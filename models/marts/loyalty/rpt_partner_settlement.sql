with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

loyalty_programs as (
    select * from {{ ref('dim_loyalty_programs') }}
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

entries as (
    select
        transactions.program_id,
        transactions.partner_id,
        transactions.transaction_type,
        transactions.points,
        transactions.points_value,
        case when transactions.transaction_type = 'redeem' then transactions.reward_cost end as reward_cost,
        transactions.occurred_date
    from {{ ref('fct_loyalty_transactions') }} as transactions
    cross join as_of
    where
        transactions.partner_id is not null
        and transactions.transaction_type in ('earn', 'cancel_earn', 'redeem', 'restore')
        and transactions.occurred_date <= as_of.as_of_date
),

-- Values are rounded entry by entry and added then, so that months add up to their year.
entries_by_day as (
    select
        entries.program_id,
        entries.partner_id,
        entries.occurred_date,
        sum(entries.points) filter (where entries.transaction_type = 'earn') as points_issued,
        sum(entries.points) filter (where entries.transaction_type = 'cancel_earn') as points_cancelled,
        sum(entries.points) filter (where entries.transaction_type = 'redeem') as points_redeemed,
        sum(entries.points) filter (where entries.transaction_type = 'restore') as points_restored,
        sum(case entries.transaction_type
            when 'earn' then entries.points_value
            when 'cancel_earn' then -entries.points_value
        end) as issued_value,
        sum(case entries.transaction_type
            when 'redeem' then entries.points_value
            when 'restore' then -entries.points_value
        end) as redeemed_value,
        sum(entries.reward_cost) as reward_cost,
        sum({{ partner_reward_cost('entries.reward_cost', 'loyalty_programs.partner_cost_share') }})
            as partner_reward_cost
    from entries
    inner join loyalty_programs
        on entries.program_id = loyalty_programs.program_id
    group by 1, 2, 3
),

by_period as (
    select
        date_periods.period_grain,
        entries_by_day.program_id,
        entries_by_day.partner_id,
        date_periods.period_start,
        date_periods.period_end,
        coalesce(sum(entries_by_day.points_issued), 0) as points_issued,
        coalesce(sum(entries_by_day.points_cancelled), 0) as points_cancelled,
        coalesce(sum(entries_by_day.points_redeemed), 0) as points_redeemed,
        coalesce(sum(entries_by_day.points_restored), 0) as points_restored,
        coalesce(sum(entries_by_day.issued_value), 0) as issued_value,
        coalesce(sum(entries_by_day.redeemed_value), 0) as redeemed_value,
        coalesce(sum(entries_by_day.reward_cost), 0) as reward_cost,
        coalesce(sum(entries_by_day.partner_reward_cost), 0) as partner_reward_cost
    from entries_by_day
    inner join date_periods
        on entries_by_day.occurred_date = date_periods.date_day
    group by 1, 2, 3, 4, 5
),

settled as (
    select
        by_period.period_grain,
        by_period.program_id,
        by_period.partner_id,
        'all' as segment_type,
        'all' as segment,
        by_period.period_start,
        by_period.period_end,
        by_period.period_end <= as_of.as_of_date as is_complete,
        cast(by_period.points_issued as decimal(28, 4)) as points_issued,
        cast(by_period.points_cancelled as decimal(28, 4)) as points_cancelled,
        cast(by_period.points_redeemed as decimal(28, 4)) as points_redeemed,
        cast(by_period.points_restored as decimal(28, 4)) as points_restored,
        cast(by_period.issued_value as decimal(28, 4)) as issued_value,
        cast(by_period.redeemed_value as decimal(28, 4)) as redeemed_value,
        cast(by_period.reward_cost as decimal(28, 4)) as reward_cost,
        cast(by_period.partner_reward_cost as decimal(28, 4)) as partner_reward_cost,
        cast({{ net_due_from_partner(
            'by_period.issued_value', 'by_period.redeemed_value', 'by_period.partner_reward_cost'
        ) }} as decimal(28, 4)) as net_due_from_partner
    from by_period
    cross join as_of
)

select * from settled
