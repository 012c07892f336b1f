{#- Rank of the percentile among the rows, from 0, and the value there: between two rows, as far on the way from one to
    the other as the rank says. To nine places: 0.8 x 43 is 34.4, which no double is, and what comes out short of a whole
    day is less than that day. -#}
{% macro percentile_of_counts(percentile, value, rows_to_value, all_rows) -%}
    {%- set rank = 'cast(' ~ percentile ~ ' as double) * (' ~ all_rows ~ ' - 1)' -%}
    {%- set lower_value = 'min(' ~ value ~ ') filter (where ' ~ rows_to_value ~ ' > floor(' ~ rank ~ '))' -%}
    {%- set upper_value = 'min(' ~ value ~ ') filter (where ' ~ rows_to_value ~ ' > ceil(' ~ rank ~ '))' -%}
    cast(
        {{ lower_value }}
        + ({{ upper_value }} - {{ lower_value }}) * max({{ rank }} - floor({{ rank }}))
        as decimal(18, 9)
    )
{%- endmacro %}
