{% macro cumulative_ltv(cumulative_net_sales, cohort_size) -%}
    {{ ratio(cumulative_net_sales, cohort_size) }}
{%- endmacro %}
