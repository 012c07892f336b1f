{% macro deferred_revenue(price, selling_price, selling_price_of_all_points) -%}
    coalesce({{ price }} * {{ ratio(selling_price, price ~ ' + ' ~ selling_price_of_all_points) }}, 0)
{%- endmacro %}
