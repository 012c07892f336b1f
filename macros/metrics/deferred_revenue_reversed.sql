{% macro deferred_revenue_reversed(deferred_revenue, points_cancelled, points_issued) -%}
    {{ deferred_revenue }} * {{ ratio(points_cancelled, points_issued) }}
{%- endmacro %}
