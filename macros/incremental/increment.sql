{#- Materialization `increment`: the rows that a run is about. Where everything is built anew, a view of
    everything; else a table of the rows of the batch, which several models read. With meta.is_table
    always a table. Only incremental models, which take a batch in, and other increments may read one: to anybody
    else it holds now all, now a few rows. -#}
{% materialization increment, default %}
    {%- set kind = 'table' if is_batch() or (config.get('meta') or {}).is_table else 'view' -%}
    {%- set own = context.get('materialization_' ~ kind ~ '_' ~ adapter.type()) -%}
    {{ return((own or context['materialization_' ~ kind ~ '_default'])()) }}
{% endmaterialization %}
