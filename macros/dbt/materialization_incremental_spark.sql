{#- In place of dbt-spark's own, which refuses strategies that it does not know before it looks whether any is needed. -#}
{% materialization incremental, adapter='spark' %}
    {{ return(context['materialization_table_spark']()) }}
{% endmaterialization %}
