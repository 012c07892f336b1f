{% macro redemption_rate(points_redeemed, points_issued) -%}
    {{ ratio(points_redeemed, points_issued) }}
{%- endmacro %}
