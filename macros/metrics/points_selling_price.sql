{% macro points_selling_price(points, point_value, expected_redemption_rate) -%}
    {{ points }} * {{ point_value }} * {{ expected_redemption_rate }}
{%- endmacro %}
