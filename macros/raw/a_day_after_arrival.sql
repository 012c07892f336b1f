{#- The latest moment an event may carry: one day after its row arrived or, where the raw table does
    not say when, after the start of this run. The only use of the clock that figures depend on. -#}
{% macro a_day_after_arrival(arrived_at) -%}
    (coalesce({{ arrived_at }}, cast('{{ run_started_at.strftime('%Y-%m-%d %H:%M:%S') }}' as timestamp)) + interval '1' day)
{%- endmacro %}
