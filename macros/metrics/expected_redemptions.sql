{% macro expected_redemptions(ultimate_redemptions, points_redeemed, points_outstanding) -%}
    greatest(
        cast({{ points_redeemed }} as double),
        least(cast({{ ultimate_redemptions }} as double), cast({{ points_redeemed }} + {{ points_outstanding }} as double))
    )
{%- endmacro %}
