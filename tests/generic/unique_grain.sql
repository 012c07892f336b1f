{#- One row per `columns`, none of them NULL. One aggregation: NULL keys fall into groups of their
    own, which the same pass sees. -#}
{% test unique_grain(model, columns) %}

select
    {{ columns | join(',\n    ') }},
    count(*) as number_of_rows
from {{ model }}
group by {% for column in columns %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
