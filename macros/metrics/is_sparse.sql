{% macro is_sparse(trials) -%}
    {{ trials }} < {{ var('sparse_customers') }}
{%- endmacro %}
