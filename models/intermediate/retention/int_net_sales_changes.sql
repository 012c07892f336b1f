{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['period_grain', 'period_start', 'segment_type', 'segment']
) }}

-- What customers bought in a period beside what they bought in the one before, by segment. Lost sales are summed from
-- the customers who were lost, not taken from a difference; for a period that has not begun everybody is lost so far.

with compared as (
    select
        this_period.period_grain,
        this_period.period_start,
        this_period.segment_combination,
        {{ sum_changes('this_period.net_sales', "this_period.previous_state = 'none'", 'this_period.weight') }}
            as new_net_sales,
        {{ sum_changes(
            'this_period.net_sales',
            "this_period.previous_state <> 'none' and not this_period.is_retained",
            'this_period.weight'
        ) }} as resurrected_net_sales,
        {{ sum_changes(
            'least(previous_period.net_sales, this_period.net_sales)',
            'this_period.is_retained',
            'this_period.weight'
        ) }} as retained_net_sales,
        {{ sum_changes(
            '(this_period.net_sales - previous_period.net_sales)',
            'this_period.is_retained and this_period.net_sales > previous_period.net_sales',
            'this_period.weight'
        ) }} as expansion_net_sales,
        {{ sum_changes(
            '(previous_period.net_sales - this_period.net_sales)',
            'this_period.is_retained and this_period.net_sales < previous_period.net_sales',
            'this_period.weight'
        ) }} as contraction_net_sales,
        0 as lost_net_sales
    from {{ ref('int_customer_period_states') }} as this_period
    left join {{ ref('int_customer_period_states') }} as previous_period
        on
            this_period.period_grain = previous_period.period_grain
            and this_period.customer_id = previous_period.customer_id
            and {{ 'this_period.weight = previous_period.weight' if is_batch() else 'true' }}
            -- Only for those retained: for nobody else is there a row to find.
            and case when this_period.is_retained then this_period.period_index - 1 end = previous_period.period_index
    group by 1, 2, 3
),

lost_after as (
    select
        period_grain,
        period_start,
        segment_combination,
        {{ sum_changes('net_sales') }} as lost_net_sales
    from {{ ref('int_customer_period_states') }}
    where is_lost
    group by 1, 2, 3
),

lost as (
    select
        lost_after.period_grain,
        date_periods.next_period_start as period_start,
        lost_after.segment_combination,
        0 as new_net_sales,
        0 as resurrected_net_sales,
        0 as retained_net_sales,
        0 as expansion_net_sales,
        0 as contraction_net_sales,
        lost_after.lost_net_sales
    from lost_after
    inner join {{ ref('int_date_periods') }} as date_periods
        on
            lost_after.period_grain = date_periods.period_grain
            and lost_after.period_start = date_periods.date_day
),

changes as (
    select * from compared
    union all
    select * from lost
),

by_segment as (
    select
        changes.period_grain,
        changes.period_start,
        segments.segment_type,
        segments.segment,
        cast(sum(changes.new_net_sales) as decimal(28, 4)) as new_net_sales,
        cast(sum(changes.resurrected_net_sales) as decimal(28, 4)) as resurrected_net_sales,
        cast(sum(changes.retained_net_sales) as decimal(28, 4)) as retained_net_sales,
        cast(sum(changes.expansion_net_sales) as decimal(28, 4)) as expansion_net_sales,
        cast(sum(changes.contraction_net_sales) as decimal(28, 4)) as contraction_net_sales,
        cast(sum(changes.lost_net_sales) as decimal(28, 4)) as lost_net_sales
    from changes
    inner join {{ ref('int_segments') }} as segments
        on changes.segment_combination = segments.segment_combination
    group by 1, 2, 3, 4
)

select *
from by_segment
where
    new_net_sales <> 0
    or resurrected_net_sales <> 0
    or retained_net_sales <> 0
    or expansion_net_sales <> 0
    or contraction_net_sales <> 0
    or lost_net_sales <> 0
