{#- Before a model that reads an increment: that it is of this very run. After `dbt run --select` without them, increments
    hold the rows of another, and what they do not hold would be lost. -#}
{% macro check_increments() -%}
    {%- if model.resource_type == 'model' and config.get('materialized') in ['incremental', 'increment'] and not flags.EMPTY and keeps_batches() -%}
        {%- set increments = [] -%}
        {%- for unique_id in model.depends_on.nodes if graph.nodes.get(unique_id) and graph.nodes[unique_id].config.materialized == 'increment' -%}
            {%- do increments.append(graph.nodes[unique_id].name) -%}
        {%- endfor -%}
        {%- if increments -%}
            {%- set current = run_query(
                "select distinct model_name from state.models where batch = " ~ this_batch().batch ~ " and model_name in ('"
                ~ increments | join("', '") ~ "')"
            ).columns[0].values() -%}
            {%- for name in increments if name not in current -%}
                {%- do exceptions.raise_compiler_error(
                    model.name ~ ' takes in what ' ~ name ~ ' holds, which is of another run: select it too (--select +' ~ model.name ~ ').'
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
