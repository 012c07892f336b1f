{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['segment_type', 'segment', 'state', 'date_day']
) }}

-- How many more or fewer customers are in a state on a day than on the day before, by segment. Summed up to a
-- day they are the customers in that state on it. Days to come are here too, since time moves on customers whom
-- nobody touches.

with order_days as (
    select * from {{ ref('int_order_day_changes') }}
),

{{ lifecycle_intervals(['segment_combination', 'weight']) }},

ends as (
    select true as is_start
    union all
    select false as is_start
),

changes as (
    select
        lifecycle.segment_combination,
        lifecycle.state,
        case when ends.is_start then lifecycle.valid_from else lifecycle.valid_to end as date_day,
        {{ count_changes('ends.is_start', 'lifecycle.weight') }}
        - {{ count_changes('not ends.is_start', 'lifecycle.weight') }} as customers_change
    from lifecycle
    cross join ends
    where ends.is_start or lifecycle.valid_to is not null
    group by 1, 2, 3
),

changes_by_day as (
    select
        segments.segment_type,
        segments.segment,
        changes.state,
        changes.date_day,
        cast(sum(changes.customers_change) as bigint) as customers_change
    from changes
    inner join {{ ref('int_segments') }} as segments
        on changes.segment_combination = segments.segment_combination
    where changes.customers_change <> 0
    group by 1, 2, 3, 4
    having sum(changes.customers_change) <> 0
)

select * from changes_by_day
