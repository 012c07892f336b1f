-- Members of rpt_loyalty_by_period are those of dim_loyalty_members on as_of; and, where a programme has tiers, at the
-- start and at the end of each period those of rpt_tier_migration, which are in each tier as many as in
-- rpt_tiers_by_period. A side without a row has no members.

with members_of_periods as (
    select
        *,
        lead(period_start) over (
            partition by period_grain, program_id
            order by period_start
        ) as next_period_start
    from {{ ref('rpt_loyalty_by_period') }}
),

members_on_as_of as (
    select * from members_of_periods
    where next_period_start is null
),

active_members as (
    select
        program_id,
        count(*) filter (where is_active) as members
    from {{ ref('dim_loyalty_members') }}
    group by 1
),

tier_programs as (
    select distinct tiers.program_id
    from {{ ref('fct_loyalty_tiers') }} as tiers
    inner join {{ ref('int_as_of') }} as as_of
        on tiers.valid_from_date <= as_of.as_of_date
),

members_of_tier_programs as (
    select * from members_of_periods
    where program_id in (select tier_programs.program_id from tier_programs)
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
        coalesce(members_on_as_of.program_id, active_members.program_id) as program_id,
        members_on_as_of.period_grain,
        members_on_as_of.period_start
    from members_on_as_of
    full outer join active_members
        on members_on_as_of.program_id = active_members.program_id
    where coalesce(members_on_as_of.members_at_end, 0) <> coalesce(active_members.members, 0)
    union all
    select
        'members of migration' as difference,
        coalesce(tier_members.program_id, migration.program_id) as program_id,
        coalesce(tier_members.period_grain, migration.period_grain) as period_grain,
        coalesce(tier_members.period_start, migration.period_start) as period_start
    from members_of_tier_programs as tier_members
    full outer join migration
        on
            tier_members.period_grain = migration.period_grain
            and tier_members.period_start = migration.period_start
            and tier_members.program_id = migration.program_id
    where
        coalesce(tier_members.members_at_start, 0) <> coalesce(migration.members_at_start, 0)
        or coalesce(tier_members.members_at_end, 0) <> coalesce(migration.members_at_end, 0)
    union all
    select
        'members of tiers' as difference,
        coalesce(tiers.program_id, migrated_tiers.program_id) as program_id,
        coalesce(tiers.period_grain, migrated_tiers.period_grain) as period_grain,
        coalesce(tiers.period_start, migrated_tiers.period_start) as period_start
    from {{ ref('rpt_tiers_by_period') }} as tiers
    full outer join migrated_tiers
        on
            tiers.period_grain = migrated_tiers.period_grain
            and tiers.period_start = migrated_tiers.period_start
            and tiers.program_id = migrated_tiers.program_id
            and tiers.tier = migrated_tiers.tier
    where coalesce(tiers.members_at_end, 0) <> coalesce(migrated_tiers.members, 0)
)

select * from differences
