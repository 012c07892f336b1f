{#- A rate of 1 is not multiplied: to round a number of more than 18 digits costs several times what
    the rest of a row does, and in most shops every rate is 1. -#}
{% macro convert_money(amount, rate) -%}
    case
        when {{ rate }} = 1 then cast(round({{ amount }}, 4) as decimal(18, 4))
        else {{ rounded_product(
            '(' ~ amount ~ ') * cast(' ~ rate ~ ' as decimal(19, 12))',
            'cast(' ~ amount ~ ' as double) * cast(' ~ rate ~ ' as double)'
        ) }}
    end
{%- endmacro %}


{#- Floating point is wrong where a product ends in a 5 at the fifth place, and there only: below
    100,000 its error is less than a millionth of the last place. So the exact product is made for the
    few that come near, which costs a fifth of making it for all. -#}
{% macro rounded_product(exact, approximate) -%}
    {%- set last_places = '(' ~ approximate ~ ') * 10000' -%}
    case
        when
            abs({{ approximate }}) < 100000
            and abs({{ last_places }} - floor({{ last_places }}) - 0.5) > 0.000001
            then cast({{ approximate }} as decimal(18, 4))
        else cast(round({{ exact }}, 4) as decimal(18, 4))
    end
{%- endmacro %}
