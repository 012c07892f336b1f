-- Members whose tier or membership changed in the period are looked up. Of all others it is known that they stayed: who
-- was in a tier at the end of the period before, less those who were looked up. Following each member through
-- each period would be a hundred times as many rows.

with as_of as (
    select as_of_date from {{ ref('int_as_of') }}
),

programs as (
    select distinct tiers.program_id
    from {{ ref('fct_loyalty_tiers') }} as tiers
    cross join as_of
    where tiers.valid_from_date <= as_of.as_of_date
),

date_periods as (
    select * from {{ ref('int_date_periods') }}
),

-- Whoever changed once in a period is counted as that change; the few who changed more often are followed.
changes as (
    select
        states.program_id,
        states.customer_id,
        {%- for grain in var('period_grains') %}
        dates.{{ grain }}_start,
        coalesce(states.previous_changed_date < dates.{{ grain }}_start, true)
        and coalesce(states.next_changed_date > least(dates.{{ grain }}_end, as_of.as_of_date), true)
            as is_only_change_of_{{ grain }},
        {%- endfor %}
        states.changed_date,
        coalesce(states.previous_state, '') as from_state,
        coalesce(states.state, '') as to_state
    from {{ ref('int_membership_states') }} as states
    cross join as_of
    inner join programs
        on states.program_id = programs.program_id
    inner join {{ ref('dim_dates') }} as dates
        on states.changed_date = dates.date_day
    where states.changed_date <= as_of.as_of_date
),

-- By day they are few, and each grain makes its periods of them.
changes_by_day as (
    select
        {%- for grain in var('period_grains') %}
        {{ grain }}_start,
        is_only_change_of_{{ grain }},
        {%- endfor %}
        program_id,
        changed_date,
        from_state,
        to_state,
        count(*) as members
    from changes
    group by
        {%- for grain in var('period_grains') %}
        {{ 2 * loop.index - 1 }},
        {{ 2 * loop.index }},
        {%- endfor %}
        {{ 2 * var('period_grains') | length + 1 }},
        {{ 2 * var('period_grains') | length + 2 }},
        {{ 2 * var('period_grains') | length + 3 }},
        {{ 2 * var('period_grains') | length + 4 }}
),

members_of_several_changes as (
    {%- for grain in var('period_grains') %}
    select
        '{{ grain }}' as period_grain,
        {{ grain }}_start as period_start,
        program_id,
        customer_id,
        min_by(from_state, changed_date) as from_state,
        max_by(to_state, changed_date) as to_state
    from changes
    where not is_only_change_of_{{ grain }}
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

moved_members as (
    {%- for grain in var('period_grains') %}
    select
        '{{ grain }}' as period_grain,
        {{ grain }}_start as period_start,
        program_id,
        from_state,
        to_state,
        members
    from changes_by_day
    where is_only_change_of_{{ grain }}
    union all
    {%- endfor %}
    select
        period_grain,
        period_start,
        program_id,
        from_state,
        to_state,
        1 as members
    from members_of_several_changes
),

moved as (
    select
        period_grain,
        period_start,
        program_id,
        from_state,
        to_state,
        sum(members) as members
    from moved_members
    group by 1, 2, 3, 4, 5
),

first_day as (
    select min(changed_date) as first_day from changes_by_day
),

program_states as (
    select distinct
        program_id,
        to_state as state
    from changes_by_day
    where to_state <> ''
),

spine as (
    select distinct
        date_periods.period_grain,
        date_periods.period_start,
        date_periods.period_end,
        date_periods.period_end <= as_of.as_of_date as is_complete,
        program_states.program_id,
        program_states.state
    from date_periods
    cross join as_of
    cross join first_day
    cross join program_states
    where date_periods.date_day between first_day.first_day and as_of.as_of_date
),

arrived as (
    select
        period_grain,
        period_start,
        program_id,
        to_state as state,
        sum(members) as members
    from moved
    group by 1, 2, 3, 4
),

gone as (
    select
        period_grain,
        period_start,
        program_id,
        from_state as state,
        sum(members) as members
    from moved
    group by 1, 2, 3, 4
),

period_states as (
    select
        spine.period_grain,
        spine.period_start,
        spine.program_id,
        spine.state,
        coalesce(gone.members, 0) as members_gone,
        coalesce(sum(coalesce(arrived.members, 0) - coalesce(gone.members, 0)) over (
            partition by spine.period_grain, spine.program_id, spine.state
            order by spine.period_start
            rows between unbounded preceding and 1 preceding
        ), 0) as members_at_start
    from spine
    left join arrived
        on
            spine.period_grain = arrived.period_grain
            and spine.period_start = arrived.period_start
            and spine.program_id = arrived.program_id
            and spine.state = arrived.state
    left join gone
        on
            spine.period_grain = gone.period_grain
            and spine.period_start = gone.period_start
            and spine.program_id = gone.program_id
            and spine.state = gone.state
),

transitions as (
    select * from moved
    union all
    select
        period_grain,
        period_start,
        program_id,
        state as from_state,
        state as to_state,
        members_at_start - members_gone as members
    from period_states
),

summed as (
    select
        period_grain,
        period_start,
        program_id,
        from_state,
        to_state,
        sum(members) as members
    from transitions
    where from_state <> '' or to_state <> ''
    group by 1, 2, 3, 4, 5
),

periods as (
    select distinct
        period_grain,
        period_start,
        period_end,
        is_complete
    from spine
),

migration as (
    select
        summed.period_grain,
        summed.program_id,
        case
            when summed.from_state = '' then 'entered'
            when summed.to_state = '' then 'left'
            else 'both_ends'
        end as movement,
        coalesce(nullif(summed.from_state, ''), 'none') as from_tier,
        coalesce(nullif(summed.to_state, ''), 'none') as to_tier,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        cast(summed.members as bigint) as members
    from summed
    inner join periods
        on
            summed.period_grain = periods.period_grain
            and summed.period_start = periods.period_start
    where summed.members > 0
)

select * from migration
