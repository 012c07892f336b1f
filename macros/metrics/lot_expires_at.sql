{% macro lot_expires_at(expires_at, earned_at, expire_after_days) -%}
    coalesce({{ expires_at }}, {{ dbt.dateadd('day', expire_after_days, earned_at) }})
{%- endmacro %}
