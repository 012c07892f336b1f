{#- Rounded to date and not part by part: the parts of a lot that is cancelled whole are the whole. -#}
{% macro deferred_revenue_reversed(deferred_revenue, points_cancelled, points_issued) -%}
    cast({{ deferred_revenue }} * {{ ratio(points_cancelled, points_issued) }} as decimal(28, 8))
{%- endmacro %}
