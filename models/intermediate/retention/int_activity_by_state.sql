{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=[
        'period_grain', 'period_start', 'segment_type', 'segment',
        'previous_state', 'state_after_order', 'aging_order_date'
    ]
) }}

-- The customers active in each period and their net sales, by the states that they came from and that their last order
-- began. Where time may move them on within the period, by the day of that order too, so that the state on
-- any day is known.

with activity as (
    select
        period_grain,
        period_start,
        segment_combination,
        previous_state,
        state_after_order,
        aging_order_date,
        {{ count_changes() }} as customers,
        {{ sum_changes('net_sales') }} as net_sales
    from {{ ref('int_customer_period_states') }}
    group by 1, 2, 3, 4, 5, 6
),

by_segment as (
    select
        activity.period_grain,
        activity.period_start,
        segments.segment_type,
        segments.segment,
        activity.previous_state,
        activity.state_after_order,
        activity.aging_order_date,
        cast(sum(activity.customers) as bigint) as customers,
        cast(sum(activity.net_sales) as decimal(28, 4)) as net_sales
    from activity
    inner join {{ ref('int_segments') }} as segments
        on activity.segment_combination = segments.segment_combination
    where activity.customers <> 0 or activity.net_sales <> 0
    group by 1, 2, 3, 4, 5, 6, 7
)

select *
from by_segment
where customers <> 0 or net_sales <> 0
