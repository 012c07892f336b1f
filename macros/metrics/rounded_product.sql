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
