{% macro link_ratio(next_points_redeemed, points_redeemed) -%}
    coalesce({{ ratio(next_points_redeemed, points_redeemed) }}, 1)
{%- endmacro %}
