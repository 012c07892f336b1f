{% macro at_risk_interval_threshold(churn_threshold_days) -%}
    0.5 * {{ churn_threshold_days }}
{%- endmacro %}
