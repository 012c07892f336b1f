{% macro churn_interval_threshold(median_interval_days, fallback_days) -%}
    greatest(
        {{ var('churn_interval_floor_days') }},
        least(
            {{ var('churn_interval_ceiling_days') }},
            coalesce({{ var('churn_interval_multiplier') }} * {{ median_interval_days }}, {{ fallback_days }})
        )
    )
{%- endmacro %}
