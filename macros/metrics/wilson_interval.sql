{#- Written over counts, so that it divides once by what is never 0 and once, inside the root, by the
    trials. Without trials it is NULL by itself; greatest() and least() alone would make a bound of it. -#}
{% macro wilson_interval(successes, trials, bound) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set half_z_squared = z * z / 2 -%}
    {%- set quarter_z_squared = z * z / 4 -%}
    {%- set sign = {'lower': '-', 'upper': '+'}[bound] -%}
    {%- set failures = '((' ~ trials ~ ') - (' ~ successes ~ '))' -%}
    {%- set half_width = z ~ ' * sqrt('
        ~ ratio('(' ~ successes ~ ') * cast(' ~ failures ~ ' as double)', trials) ~ ' + ' ~ quarter_z_squared ~ ')' -%}
    case
        when {{ trials }} > 0
            then greatest(0, least(1, {{ ratio(
                '((' ~ successes ~ ') + ' ~ half_z_squared ~ ' ' ~ sign ~ ' ' ~ half_width ~ ')',
                '((' ~ trials ~ ') + ' ~ z * z ~ ')'
            ) }}))
    end
{%- endmacro %}
