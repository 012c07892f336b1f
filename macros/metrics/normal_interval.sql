{% macro normal_interval(estimate, standard_error, bound) -%}
    {%- set sign = {'lower': '-', 'upper': '+'}[bound] -%}
    {{ estimate }} {{ sign }} {{ normal_deviate() }}e0 * {{ standard_error }}
{%- endmacro %}
