{#- The class of a number of days since the first order: its last day. -#}
{% macro lift_age_class(age_days) -%}
    case
        {%- for last_day in lift_age_classes() %}
        when {{ age_days }} <= {{ last_day }} then {{ last_day }}
        {%- endfor %}
    end
{%- endmacro %}


{#- Each class up to and including its number; finer where more customers leave. -#}
{% macro lift_age_classes() -%}
    {{ return([7, 15, 30, 60, 90, 120, 180, 240, 365, 545, 730, 1095, 36525]) }}
{%- endmacro %}
