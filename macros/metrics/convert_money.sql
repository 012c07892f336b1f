{#- A rate of 1 is not multiplied, nor an amount of 0: to round a number of more than 18 digits costs several times
    what the rest of a row does, and in most shops every rate is 1. -#}
{% macro convert_money(amount, rate) -%}
    case
        when {{ rate }} = 1 or (({{ amount }}) = 0 and {{ rate }} is not null)
            then cast(round({{ amount }}, 4) as decimal(18, 4))
        else {{ rounded_product(
            '(' ~ amount ~ ') * cast(' ~ rate ~ ' as decimal(19, 12))',
            'cast(' ~ amount ~ ' as double) * cast(' ~ rate ~ ' as double)'
        ) }}
    end
{%- endmacro %}
