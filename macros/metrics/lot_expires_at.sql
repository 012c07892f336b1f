{#- Not dbt.dateadd, which drops parts of a second on Spark. -#}
{% macro lot_expires_at(expires_at, earned_at, expire_after_days) -%}
    coalesce({{ expires_at }}, {{ earned_at }} + {{ expire_after_days }} * interval '1' day)
{%- endmacro %}
