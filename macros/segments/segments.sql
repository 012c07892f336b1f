{#- The columns named by the var segments, each followed by a comma: reports are first aggregated
    to their combinations in one pass over the customers, and sum_by_segment does the rest on
    that small table. -#}
{% macro segment_columns(relation=none) -%}
    {%- for segment in var('segments') %}
        {{ relation ~ '.' if relation }}{{ segment }},
    {%- endfor %}
{%- endmacro %}


{#- GROUP BY the first `leading` columns and the segment columns behind them. -#}
{% macro group_by_segments(leading) -%}
    group by {% for position in range(1, leading + var('segments') | length + 1) %}{{ position }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}


{#- One set of rows for ('all', 'all') and one for each segment_type. -#}
{% macro sum_by_segment(relation, keys, measures) -%}
    {%- for segment_type in ['all'] + var('segments') %}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        '{{ segment_type }}' as segment_type,
        {{ "'all'" if segment_type == 'all' else segment_type }} as segment,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    group by {% for key in keys %}{{ loop.index }}, {% endfor %}{{ keys | length + 1 }}, {{ keys | length + 2 }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
