{% macro refunded_share(is_cancelled, returns, refundable_sales) -%}
    case
        when {{ is_cancelled }} then 1
        else coalesce({{ ratio(returns, refundable_sales) }}, 0)
    end
{%- endmacro %}
