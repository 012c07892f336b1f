{% macro normal_deviate() -%}
    {{ return(1.959963984540054) }}
{%- endmacro %}
