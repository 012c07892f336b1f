{% macro ultimate_redemption_rate(expected_redemptions, points_not_cancelled) -%}
    {{ ratio(expected_redemptions, points_not_cancelled) }}
{%- endmacro %}
