{% macro prediction_accuracy(right_predictions, predictions) -%}
    {{ ratio(right_predictions, predictions) }}
{%- endmacro %}
