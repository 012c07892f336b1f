{#- Rank of the percentile among the rows, from 0, and the value there: between two rows, as far on the way from one to
    the other as the rank says. -#}
{% macro percentile_of_counts(percentile, value, rows_to_value, all_rows) -%}
    {%- set rank = percentile ~ 'e0 * (' ~ all_rows ~ ' - 1)' -%}
    {%- set lower_value = 'min(' ~ value ~ ') filter (where ' ~ rows_to_value ~ ' > floor(' ~ rank ~ '))' -%}
    {%- set upper_value = 'min(' ~ value ~ ') filter (where ' ~ rows_to_value ~ ' > ceil(' ~ rank ~ '))' -%}
    {{ lower_value }}
    + ({{ upper_value }} - {{ lower_value }}) * max({{ rank }} - floor({{ rank }}))
{%- endmacro %}
