{#- Where time moves nobody on within the period, int_activity_by_state keeps no order day: the last order's state holds. -#}
{% macro state_at_period_end(activity, last_day) -%}
    coalesce(
        {{ lifecycle_state(last_day, activity ~ '.aging_order_date', activity ~ '.state_after_order') }},
        {{ activity }}.state_after_order
    )
{%- endmacro %}
