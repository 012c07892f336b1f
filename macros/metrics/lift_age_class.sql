{#- The class of a number of days since the first order: its last day. -#}
{% macro lift_age_class(age_days) -%}
    case
        {%- for last_day in lift_age_classes() %}
        when {{ age_days }} <= {{ last_day }} then {{ last_day }}
        {%- endfor %}
    end
{%- endmacro %}
