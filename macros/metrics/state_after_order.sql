{% macro state_after_order(order_date, previous_order_date) -%}
    case
        when {{ previous_order_date }} is null then 'new'
        when {{ order_date }} > {{ churn_date(previous_order_date) }} then 'reactivated'
        else 'active'
    end
{%- endmacro %}
