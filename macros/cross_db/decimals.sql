{#- DuckDB gives the product of two decimal(18,4) eighteen digits again: 10,000 units at 1,000,000
    overflow it. One wider factor makes room. -#}
{% macro product_of_decimals(quantity, amount) -%}
    {{ return(adapter.dispatch('product_of_decimals')(quantity, amount)) }}
{%- endmacro %}

{% macro default__product_of_decimals(quantity, amount) -%}
    {{ quantity }} * {{ amount }}
{%- endmacro %}

{% macro duckdb__product_of_decimals(quantity, amount) -%}
    cast({{ quantity }} as decimal(28, 4)) * {{ amount }}
{%- endmacro %}
