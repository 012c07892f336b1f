{% macro partner_reward_cost(reward_cost, partner_cost_share) -%}
    {{ convert_money(reward_cost, 'coalesce(' ~ partner_cost_share ~ ', 0)') }}
{%- endmacro %}
