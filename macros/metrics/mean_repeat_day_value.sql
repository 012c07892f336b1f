{% macro mean_repeat_day_value(repeat_day_net_sales, repeat_purchase_days) -%}
    {{ ratio(repeat_day_net_sales, repeat_purchase_days) }}
{%- endmacro %}
