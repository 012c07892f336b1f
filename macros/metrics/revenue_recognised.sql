{#- Where nothing more is expected the whole, to the last digit: a product with 1 would go through a double. -#}
{% macro revenue_recognised(deferred_revenue, points_redeemed, expected_redemptions) -%}
    case
        when {{ points_redeemed }} = {{ expected_redemptions }} then cast({{ deferred_revenue }} as decimal(28, 8))
        else cast({{ deferred_revenue }} * {{ ratio(points_redeemed, expected_redemptions) }} as decimal(28, 8))
    end
{%- endmacro %}
