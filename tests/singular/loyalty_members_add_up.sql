-- Members of rpt_loyalty_by_period are those of dim_loyalty_members on as_of; and, where a programme has tiers, at the
-- start and at the end of each period those of rpt_tier_migration, which are in each tier as many as in
-- rpt_tiers_by_period.

with members_of_periods as (
    select
        *,
        lead(period_start) over (
            partition by period_grain, program_id
            order by period_start
        ) as next_period_start
    from {{ ref('rpt_loyalty_by_period') }}
),

active_members as (
    select
        program_id,
        count(*) filter (where is_active) as members
    from {{ ref('dim_loyalty_members') }}
    group by 1
),

migration as (
    select
        period_grain,
        period_start,
        program_id,
        sum(members) filter (where movement <> 'entered') as members_at_start,
        sum(members) filter (where movement <> 'left') as members_at_end
    from {{ ref('rpt_tier_migration') }}
    group by 1, 2, 3
),

migrated_tiers as (
    select
        period_grain,
        period_start,
        program_id,
        to_tier as tier,
        sum(members) as members
    from {{ ref('rpt_tier_migration') }}
    where movement <> 'left' and to_tier <> 'unknown'
    group by 1, 2, 3, 4
),

differences as (
    select
        'members on as_of' as difference,
        members_of_periods.program_id,
        members_of_periods.period_grain,
        members_of_periods.period_start
    from members_of_periods
    left join active_members
        on members_of_periods.program_id = active_members.program_id
    where
        members_of_periods.next_period_start is null
        and members_of_periods.members_at_end <> coalesce(active_members.members, 0)
    union all
    select
        'members of migration' as difference,
        members_of_periods.program_id,
        members_of_periods.period_grain,
        members_of_periods.period_start
    from members_of_periods
    inner join migration
        on
            members_of_periods.period_grain = migration.period_grain
            and members_of_periods.period_start = migration.period_start
            and members_of_periods.program_id = migration.program_id
    where
        members_of_periods.members_at_start <> coalesce(migration.members_at_start, 0)
        or members_of_periods.members_at_end <> coalesce(migration.members_at_end, 0)
    union all
    select
        'members of tiers' as difference,
        tiers.program_id,
        tiers.period_grain,
        tiers.period_start
    from {{ ref('rpt_tiers_by_period') }} as tiers
    left join migrated_tiers
        on
            tiers.period_grain = migrated_tiers.period_grain
            and tiers.period_start = migrated_tiers.period_start
            and tiers.program_id = migrated_tiers.program_id
            and tiers.tier = migrated_tiers.tier
    where tiers.members_at_end <> coalesce(migrated_tiers.members, 0)
)

select * from differences
