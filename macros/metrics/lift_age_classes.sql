{#- Each class up to and including its number; finer where more customers leave. -#}
{% macro lift_age_classes() -%}
    {{ return([7, 15, 30, 60, 90, 120, 180, 240, 365, 545, 730, 1095, 36525]) }}
{%- endmacro %}
