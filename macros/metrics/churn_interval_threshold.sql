{#- To nine places: 1.15 x 100 falls short of 115 in floating point, and 115 days would be beyond it. -#}
{% macro churn_interval_threshold(median_interval_days, fallback_days) -%}
    greatest(
        {{ var('churn_interval_floor_days') }},
        least(
            {{ var('churn_interval_ceiling_days') }},
            coalesce(
                cast({{ var('churn_interval_multiplier') }} * {{ median_interval_days }} as decimal(28, 9)),
                {{ fallback_days }}
            )
        )
    )
{%- endmacro %}
