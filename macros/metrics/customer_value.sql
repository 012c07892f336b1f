{% macro customer_value(orders, net_sales, active_customers) -%}
    ({{ purchase_frequency(orders, active_customers) }})
    * ({{ average_order_value(net_sales, orders) }})
{%- endmacro %}
