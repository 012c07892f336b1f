{% macro prediction_calibration(predicted, actual) -%}
    {{ ratio(predicted, actual) }}
{%- endmacro %}
