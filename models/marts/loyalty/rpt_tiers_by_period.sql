-- Members are counted day by day, tier by tier: that is few rows, and the days in a tier are their sum.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

tier_changes as (
    select tier_changes.*
    from {{ ref('int_tier_changes_by_day') }} as tier_changes
    cross join as_of
    where tier_changes.date_day <= as_of.as_of_date
),

changes_by_day as (
    select
        program_id,
        tier,
        date_day,
        sum(members_entered - members_left) as members
    from tier_changes
    group by 1, 2, 3
),

first_days as (
    select
        program_id,
        min(date_day) as first_day
    from changes_by_day
    group by 1
),

program_tiers as (
    select distinct
        changes_by_day.program_id,
        changes_by_day.tier,
        first_days.first_day
    from changes_by_day
    inner join first_days
        on changes_by_day.program_id = first_days.program_id
),

tier_days as (
    select
        program_tiers.program_id,
        program_tiers.tier,
        dates.date_day
    from program_tiers
    cross join as_of
    inner join {{ ref('dim_dates') }} as dates
        on
            program_tiers.first_day <= dates.date_day
            and as_of.as_of_date >= dates.date_day
),

members_by_day as (
    select
        tier_days.program_id,
        tier_days.tier,
        tier_days.date_day,
        sum(coalesce(changes_by_day.members, 0)) over (
            partition by tier_days.program_id, tier_days.tier
            order by tier_days.date_day
            rows between unbounded preceding and current row
        ) as members
    from tier_days
    left join changes_by_day
        on
            tier_days.program_id = changes_by_day.program_id
            and tier_days.tier = changes_by_day.tier
            and tier_days.date_day = changes_by_day.date_day
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

periods as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        date_periods.period_end,
        date_periods.period_end <= as_of.as_of_date as is_complete,
        members_by_day.program_id,
        members_by_day.tier,
        min_by(members_by_day.members, members_by_day.date_day) as members_on_first_day,
        max_by(members_by_day.members, members_by_day.date_day) as members_at_end,
        sum(members_by_day.members) as days_in_tier
    from members_by_day
    cross join as_of
    inner join date_periods
        on members_by_day.date_day = date_periods.date_day
    group by 1, 2, 3, 4, 5, 6
),

-- Whoever came into the tier after the period's first day, and was not in it on an earlier day of the period.
members_entered as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        tier_changes.program_id,
        tier_changes.tier,
        sum(tier_changes.members_entered) as members
    from tier_changes
    inner join first_days
        on tier_changes.program_id = first_days.program_id
    inner join date_periods
        on tier_changes.date_day = date_periods.date_day
    where
        tier_changes.date_day > greatest(date_periods.period_start, first_days.first_day)
        and coalesce(
            tier_changes.previous_to_date <= greatest(date_periods.period_start, first_days.first_day), true
        )
    group by 1, 2, 3, 4
),

sales as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        sales_by_day.program_id,
        sales_by_day.tier,
        sum(sales_by_day.orders) as orders,
        sum(sales_by_day.net_sales) as net_sales
    from {{ ref('int_tier_sales_by_day') }} as sales_by_day
    inner join date_periods
        on sales_by_day.order_date = date_periods.date_day
    group by 1, 2, 3, 4
),

reported as (
    select
        periods.period_grain,
        periods.program_id,
        periods.tier,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        cast(periods.members_at_end as bigint) as members_at_end,
        cast(periods.members_on_first_day + coalesce(members_entered.members, 0) as bigint) as members_ever,
        cast(periods.days_in_tier as bigint) as days_in_tier,
        cast(coalesce(sales.orders, 0) as bigint) as orders,
        cast(coalesce(sales.net_sales, 0) as decimal(28, 4)) as net_sales,
        {{ net_sales_per_member_day('coalesce(sales.net_sales, 0)', 'periods.days_in_tier') }}
            as net_sales_per_member_day
    from periods
    left join members_entered
        on
            periods.period_grain = members_entered.period_grain
            and periods.period_start = members_entered.period_start
            and periods.program_id = members_entered.program_id
            and periods.tier = members_entered.tier
    left join sales
        on
            periods.period_grain = sales.period_grain
            and periods.period_start = sales.period_start
            and periods.program_id = sales.program_id
            and periods.tier = sales.tier
)

select * from reported
