with effects as (
    select * from {{ ref('int_lift_effects') }}
),

windows as (
    select * from {{ ref('int_lift_windows') }}
),

programs as (
    select distinct spells.program_id
    from {{ ref('int_membership_spells') }} as spells
    cross join {{ ref('int_as_of') }} as as_of
    where spells.enrolled_date <= as_of.as_of_date
),

pairs as (
    select
        program_id,
        sum(pairs) filter (where weight = 0) as members_unmatched
    from {{ ref('int_lift_matches') }}
    where is_member
    group by 1
),

gathered as (
    {%- for metric in ['orders', 'net_sales'] %}
    select
        programs.program_id,
        '{{ metric }}' as metric,
        coalesce(members.customers, 0) as eligible_members,
        coalesce(effects.members, 0) as members,
        coalesce(pairs.members_unmatched, 0) as members_unmatched,
        coalesce(effects.controls, 0) as controls,
        coalesce(effects.control_intervals, 0) as control_intervals,
        coalesce(others.customers, 0) as non_members,
        exp(effects.members_log_days_before) as members_days_before,
        exp(effects.members_log_days_after) as members_days_after,
        exp(effects.controls_log_days_before) as controls_days_before,
        exp(effects.controls_log_days_after) as controls_days_after,
        members.{{ metric }}_mean as members_mean_after,
        others.{{ metric }}_mean as non_members_mean_after,
        {{ difference_error(
            'members.' ~ metric ~ '_variance', 'members.customers', 'others.' ~ metric ~ '_variance', 'others.customers'
        ) }} as naive_standard_error,
        effects.{{ metric }}_effect as effect,
        effects.{{ metric }}_effect_error as effect_error
    from programs
    left join effects
        on programs.program_id = effects.program_id
    left join pairs
        on programs.program_id = pairs.program_id
    left join windows as members
        on programs.program_id = members.program_id
    left join windows as others
        on others.program_id is null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

lifts as (
    select
        program_id,
        metric,
        cast(eligible_members as bigint) as eligible_members,
        cast(members as bigint) as members,
        cast(members_unmatched as bigint) as members_unmatched,
        cast(controls as bigint) as controls,
        cast(control_intervals as bigint) as control_intervals,
        cast(non_members as bigint) as non_members,
        members_days_before,
        members_days_after,
        controls_days_before,
        controls_days_after,
        members_mean_after,
        {{ absolute_lift('members_mean_after', 'effect') }} as matched_difference_in_differences,
        {{ absolute_lift_error('members_mean_after', 'effect', 'effect_error') }} as standard_error,
        {{ absolute_lift('members_mean_after', normal_interval('effect', 'effect_error', 'lower')) }} as lower,
        {{ absolute_lift('members_mean_after', normal_interval('effect', 'effect_error', 'upper')) }} as upper,
        {{ relative_lift('effect') }} as relative_lift,
        {{ relative_lift(normal_interval('effect', 'effect_error', 'lower')) }} as relative_lift_lower,
        {{ relative_lift(normal_interval('effect', 'effect_error', 'upper')) }} as relative_lift_upper,
        non_members_mean_after,
        members_mean_after - non_members_mean_after as naive_difference,
        naive_standard_error,
        {{ naive_relative_lift('members_mean_after', 'non_members_mean_after') }} as naive_relative_lift,
        {{ is_sparse('members') }} as is_sparse
    from gathered
)

select * from lifts
