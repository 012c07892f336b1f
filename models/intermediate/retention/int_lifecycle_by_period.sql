-- Customers in each state on the last day of each period, or on as_of, dense; rpt_lifecycle_by_period
-- adds what they bought in it.

{%- set states = ['new', 'active', 'at_risk', 'churned', 'reactivated'] %}

with periods as (
    select * from {{ ref('int_periods') }}
),

states as (
    {% for state in states -%}
    select '{{ state }}' as state
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

changes_by_day as (
    select changes.*
    from {{ ref('int_lifecycle_changes_by_day') }} as changes
    cross join {{ ref('int_as_of') }} as as_of
    where changes.date_day <= as_of.as_of_date
),

changes as (
    select
        date_periods.period_grain,
        date_periods.period_start,
        changes_by_day.segment_type,
        changes_by_day.segment,
        changes_by_day.state,
        sum(changes_by_day.customers_change) as customers_change
    from changes_by_day
    inner join {{ ref('int_date_periods') }} as date_periods
        on changes_by_day.date_day = date_periods.date_day
    group by 1, 2, 3, 4, 5
),

-- Those of rpt_retention_by_period, also where all orders are without a customer: nobody is in a state.
report_segments as (
    select distinct
        segment_type,
        segment
    from {{ ref('int_retention_by_period') }}
),

spine as (
    select
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        periods.period_index,
        periods.is_complete,
        report_segments.segment_type,
        report_segments.segment,
        states.state
    from periods
    cross join report_segments
    cross join states
),

in_state as (
    select
        spine.period_grain,
        spine.period_start,
        spine.period_end,
        spine.period_index,
        spine.is_complete,
        spine.segment_type,
        spine.segment,
        spine.state,
        sum(coalesce(changes.customers_change, 0)) over (
            partition by spine.period_grain, spine.segment_type, spine.segment, spine.state
            order by spine.period_start
            rows between unbounded preceding and current row
        ) as customers
    from spine
    left join changes
        on
            spine.period_grain = changes.period_grain
            and spine.period_start = changes.period_start
            and spine.segment_type = changes.segment_type
            and spine.segment = changes.segment
            and spine.state = changes.state
)

select * from in_state
