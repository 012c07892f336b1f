{% macro net_due_from_partner(issued_value, redeemed_value, partner_reward_cost) -%}
    {{ issued_value }} - {{ redeemed_value }} + {{ partner_reward_cost }}
{%- endmacro %}
