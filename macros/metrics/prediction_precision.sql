{% macro prediction_precision(true_positives, predicted) -%}
    {{ ratio(true_positives, predicted) }}
{%- endmacro %}
