{% macro points_cost_accrual(expected_redemptions, points_redeemed, point_value) -%}
    ({{ expected_redemptions }} - {{ points_redeemed }}) * {{ point_value }}
{%- endmacro %}
