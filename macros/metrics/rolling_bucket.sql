{% macro rolling_bucket(days_since_first_order, bucket_days) -%}
    cast(floor({{ ratio(days_since_first_order, bucket_days) }}) as bigint)
{%- endmacro %}
