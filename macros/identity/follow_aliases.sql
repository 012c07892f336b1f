{#- Sixteen steps along a chain, each a join of its own: a recursive query is no SQL that every engine has.
    A model that follows what another has followed takes sixteen times as many. -#}
{% macro follow_aliases(aliases) -%}
    {%- set steps = 16 -%}
    select
        alias.alias_customer_id,
        alias.customer_id as named_customer_id,
        coalesce(
            {%- for step in range(steps - 1, 0, -1) %}
            step_{{ step }}.customer_id,
            {%- endfor %}
            alias.customer_id
        ) as customer_id
    from {{ aliases }} as alias
    {%- for step in range(1, steps) %}
    left join {{ aliases }} as step_{{ step }}
        on {{ 'alias' if step == 1 else 'step_' ~ (step - 1) }}.customer_id = step_{{ step }}.alias_customer_id
    {%- endfor %}
{%- endmacro %}
