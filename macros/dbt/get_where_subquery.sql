{#- Takes the place of dbt's macro of that name, which every generic data test asks for the rows that it sees. In a batch they
    are the rows that the batch wrote, so that tests cost what the day costs; `dbt test` and full builds see all.

    Of an incremental model with meta.touched they are known from there. A test says otherwise by config.meta:
    touched, likewise a mapping of a column to a model (or several) that holds its values; or in_batch: false, for what only
    a look at everything proves. -#}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [] -%}
    {%- if config.get('where') -%}
        {%- do conditions.append(config.get('where')) -%}
    {%- endif -%}
    {%- set tested_in_batch = is_tested_in_batch(relation) if is_batch() -%}
    {%- if tested_in_batch -%}
        {%- do conditions.append(tested_in_batch) -%}
    {%- endif -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ conditions | join(' and ') ~ ') as tested' if conditions else relation) }}
{%- endmacro %}


{% macro is_tested_in_batch(relation) -%}
    {%- set metas = [config.get('meta') or {}] -%}
    {%- if metas[0].in_batch is sameas false -%}
        {{ return('false') }}
    {%- endif -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.schema == relation.schema and node.alias == relation.identifier -%}
        {%- do metas.append(node.config.meta) -%}
    {%- endfor -%}
    {%- for meta in metas if meta.touched -%}
        {%- set conditions = [] -%}
        {%- for column, models in meta.touched.items() -%}
            {%- set values = [] -%}
            {%- for model_name in ([models] if models is string else models) -%}
                {%- do values.append('select ' ~ column ~ ' from ' ~ as_it_stood(model_name)) -%}
            {%- endfor -%}
            {%- do conditions.append(column ~ ' in (' ~ values | join(' union all ') ~ ')') -%}
        {%- endfor -%}
        {{ return('(' ~ conditions | join(' or ') ~ ')') }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
