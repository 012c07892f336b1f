{% macro prediction_recall(true_positives, actual) -%}
    {{ ratio(true_positives, actual) }}
{%- endmacro %}
