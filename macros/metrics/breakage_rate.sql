{% macro breakage_rate(ultimate_redemption_rate) -%}
    1 - {{ ultimate_redemption_rate }}
{%- endmacro %}
