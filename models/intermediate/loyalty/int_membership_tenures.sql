-- How long spells of membership last by as_of. Where members renew, a tenure is a term: who neither renewed nor left
-- at its end is still in it. Elsewhere a tenure is a month of the member's own.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

renewal_programs as (
    select distinct events.program_id
    from {{ ref('int_membership_events') }} as events
    cross join as_of
    where
        events.event_type = 'renewed'
        and events.occurred_date <= as_of.as_of_date
),

later_renewals as (
    select
        events.customer_id,
        events.program_id,
        events.spell_number,
        count(*) as renewals
    from {{ ref('int_membership_events') }} as events
    cross join as_of
    where
        events.is_renewal
        and events.occurred_date > as_of.as_of_date
    group by 1, 2, 3
),

-- By their days they are few, and months between days are dear.
spells as (
    select
        spells.program_id,
        spells.enrolled_date,
        case when spells.left_date <= as_of.as_of_date then spells.left_date end as left_date,
        spells.renewals - coalesce(later_renewals.renewals, 0) as renewals,
        {{ add_days('as_of.as_of_date', 1) }} as day_after_as_of,
        count(*) as members
    from {{ ref('int_membership_spells') }} as spells
    cross join as_of
    left join later_renewals
        on
            spells.customer_id = later_renewals.customer_id
            and spells.program_id = later_renewals.program_id
            and spells.spell_number = later_renewals.spell_number
    where spells.enrolled_date <= as_of.as_of_date
    group by 1, 2, 3, 4, 5
),

tenures_reached as (
    select
        spells.program_id,
        spells.members,
        case when renewal_programs.program_id is null then 'month' else 'renewal' end as tenure_unit,
        spells.left_date is not null as has_left,
        case
            when renewal_programs.program_id is not null
                then spells.renewals + case when spells.left_date is null then 0 else 1 end
            when spells.left_date is not null
                then {{ whole_months_between('spells.enrolled_date', 'spells.left_date') }} + 1
            else {{ whole_months_between('spells.enrolled_date', 'spells.day_after_as_of') }}
        end as last_tenure
    from spells
    left join renewal_programs
        on spells.program_id = renewal_programs.program_id
),

counted as (
    select
        program_id,
        tenure_unit,
        last_tenure,
        sum(members) as members,
        coalesce(sum(members) filter (where has_left), 0) as members_left
    from tenures_reached
    where last_tenure > 0
    group by 1, 2, 3
),

last_tenures as (
    select
        program_id,
        tenure_unit,
        max(last_tenure) as last_tenure
    from counted
    group by 1, 2
),

spine as (
    select
        program_id,
        tenure_unit,
        {{ number_spine_rows('1', 'last_tenure') }} as tenure
    from last_tenures
),

tenures as (
    select
        spine.program_id,
        spine.tenure_unit,
        cast(spine.tenure as bigint) as tenure,
        cast(sum(coalesce(counted.members, 0)) over (
            partition by spine.program_id
            order by spine.tenure desc
            rows between unbounded preceding and current row
        ) as bigint) as at_risk,
        cast(coalesce(counted.members_left, 0) as bigint) as members_left
    from spine
    left join counted
        on
            spine.program_id = counted.program_id
            and spine.tenure = counted.last_tenure
)

select * from tenures
