{#- To nine places: 0.7 x 90 falls short of 63 in floating point, and 63 days would be beyond it. -#}
{% macro at_risk_interval_threshold(churn_threshold_days) -%}
    cast({{ var('at_risk_interval_share') }} * {{ churn_threshold_days }} as decimal(28, 9))
{%- endmacro %}
