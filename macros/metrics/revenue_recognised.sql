{% macro revenue_recognised(deferred_revenue, points_redeemed, expected_redemptions) -%}
    {{ deferred_revenue }} * coalesce({{ ratio(points_redeemed, expected_redemptions) }}, 1)
{%- endmacro %}
