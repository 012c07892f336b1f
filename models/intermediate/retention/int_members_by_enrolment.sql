{{ config(
    materialized='incremental',
    incremental_strategy='changes',
    unique_key=['enrolled_date', 'segment_type', 'segment']
) }}

-- Not by combination of segments: who never ordered is a member too, and in no combination of the reports.

with members as (
    select * from {{ ref('int_enrolment_changes') }}
),

members_by_segment as (
    select
        enrolled_date,
        'all' as segment_type,
        'all' as segment,
        cast({{ count_changes() }} as bigint) as members
    from members
    group by 1, 2, 3
    {%- for segment in var('segments') %}
    union all
    select
        enrolled_date,
        '{{ segment }}' as segment_type,
        coalesce(cast({{ segment }} as {{ dbt.type_string() }}), 'unknown') as segment,
        cast({{ count_changes() }} as bigint) as members
    from members
    group by 1, 2, 3
    {%- endfor %}
)

select *
from members_by_segment
where members <> 0
