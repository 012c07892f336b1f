{#- How many rows there are, of those that meet the condition. In a batch, rows are changes: what is taken off has
    weight -1, what is added 1. -#}
{% macro count_changes(condition=none, weight='weight') -%}
    {{ 'coalesce(sum(' ~ weight ~ ')' if is_batch() else 'count(*)' }}
    {%- if condition %} filter (where {{ condition }}){% endif %}
    {{- ', 0)' if is_batch() }}
{%- endmacro %}
