{#- NULL where there are fewer than two customers on a side: the sample variance is. -#}
{% macro difference_error(variance, customers, other_variance, other_customers) -%}
    sqrt({{ ratio(variance, customers) }} + {{ ratio(other_variance, other_customers) }})
{%- endmacro %}
