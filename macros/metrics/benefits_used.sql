{% macro benefits_used(loyalty_discounts, reward_cost) -%}
    {{ loyalty_discounts }} + {{ reward_cost }}
{%- endmacro %}
