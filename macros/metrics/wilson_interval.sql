{#- Written over counts, so that it divides by the trials once, inside the root. Without trials it is NULL
    by itself; greatest() and least() alone would make a bound of that. The numbers end in e0: as decimals
    they would cost ten times as much. -#}
{% macro wilson_interval(successes, trials, bound) -%}
    {%- set z = normal_deviate() -%}
    {%- set sign = {'lower': '-', 'upper': '+'}[bound] -%}
    {%- set variance = ratio('(' ~ successes ~ ') * ((' ~ trials ~ ') - (' ~ successes ~ '))', trials) -%}
    {%- set half_width = z ~ 'e0 * sqrt(' ~ variance ~ ' + ' ~ z * z / 4 ~ 'e0)' -%}
    case
        when {{ trials }} > 0
            then greatest(0e0, least(1e0, {{ ratio(
                '((' ~ successes ~ ') + ' ~ z * z / 2 ~ 'e0 ' ~ sign ~ ' ' ~ half_width ~ ')',
                '((' ~ trials ~ ') + ' ~ z * z ~ 'e0)'
            ) }}))
    end
{%- endmacro %}
