{#- In decimals of twelve places: sums of them are the same in any order, and a bound that is met is met exactly. -#}
{% macro expected_redemptions(ultimate_redemptions, points_redeemed, points_outstanding) -%}
    greatest(
        cast({{ points_redeemed }} as decimal(38, 12)),
        least(
            cast({{ ultimate_redemptions }} as decimal(38, 12)),
            cast({{ points_redeemed }} + {{ points_outstanding }} as decimal(38, 12))
        )
    )
{%- endmacro %}
