with transitions as (
    select * from {{ ref('int_lifecycle_transitions') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

dated as (
    select
        transitions.period_grain,
        transitions.from_state,
        transitions.to_state,
        'all' as segment_type,
        'all' as segment,
        transitions.period_start,
        periods.period_end,
        periods.is_complete,
        cast(transitions.customers as bigint) as customers
    from transitions
    inner join periods
        on
            transitions.period_grain = periods.period_grain
            and transitions.period_start = periods.period_start
    where transitions.customers <> 0
)

select * from dated
