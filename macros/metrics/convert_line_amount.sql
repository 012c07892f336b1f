{#- Usual amounts at a rate of 1 are multiplied within 18 digits: below 100,000 each, their product
    needs no more. That spares most lines the dear arithmetic of longer numbers. -#}
{% macro convert_line_amount(quantity, unit_amount, rate) -%}
    case
        when {{ rate }} = 1 and {{ quantity }} < 100000 and {{ unit_amount }} < 100000
            then cast(round({{ quantity }} * {{ unit_amount }}, 4) as decimal(18, 4))
        else {{ rounded_product(
            product_of_decimals(quantity, unit_amount) ~ ' * cast(' ~ rate ~ ' as decimal(19, 12))',
            'cast(' ~ quantity ~ ' as double) * cast(' ~ unit_amount ~ ' as double) * cast(' ~ rate ~ ' as double)'
        ) }}
    end
{%- endmacro %}
