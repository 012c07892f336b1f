{#- The sum of an amount, over the rows that meet the condition. In a batch, rows are changes: the amount of what is
    taken off counts against it. -#}
{% macro sum_changes(amount, condition=none, weight='weight') -%}
    coalesce(sum({{ weight ~ ' * ' if is_batch() }}{{ amount }})
    {%- if condition %} filter (where {{ condition }}){% endif %}, 0)
{%- endmacro %}
