{#- For each combination of `keys` every segment_type is there, and its `measures` add up to the
    same sum: that of 'all'. Catches a customer with two values of a segment, or with none. -#}
{% test segments_sum_to_all(model, keys, measures) %}

with by_segment_type as (
    select
        {{ keys | join(',\n        ') }},
        segment_type
        {%- for measure in measures %},
        coalesce(sum({{ measure }}), 0) as {{ measure }}
        {%- endfor %}
    from {{ model }}
    group by {% for key in keys %}{{ loop.index }}, {% endfor %}{{ keys | length + 1 }}
)

select
    {{ keys | join(',\n    ') }},
    count(*) as segment_types
    {%- for measure in measures %},
    max({{ measure }}) - min({{ measure }}) as {{ measure }}_difference
    {%- endfor %}
from by_segment_type
group by {% for key in keys %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
having
    count(*) <> {{ 1 + var('segments') | length }}
    {%- for measure in measures %}
    or min({{ measure }}) <> max({{ measure }})
    {%- endfor %}

{% endtest %}
