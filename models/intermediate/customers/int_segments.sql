-- ('all', 'all') holds every combination; a segment_type parts them.

with combinations as (
    select * from {{ ref('int_segment_combinations') }}
),

segments as (
    select
        segment_combination,
        'all' as segment_type,
        'all' as segment
    from combinations
    {%- for segment in var('segments') %}
    union all
    select
        segment_combination,
        '{{ segment }}' as segment_type,
        {{ segment }} as segment
    from combinations
    {%- endfor %}
)

select * from segments
