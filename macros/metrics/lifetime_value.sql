{% macro lifetime_value(average_order_value, orders_per_year, expected_lifespan_years, gross_margin_rate) -%}
    {{ average_order_value }}
    * {{ orders_per_year }}
    * {{ expected_lifespan_years }}
    * {{ gross_margin_rate }}
{%- endmacro %}
