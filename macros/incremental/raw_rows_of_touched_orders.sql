{#- All raw rows of the touched orders, and those of no order at all. An order's older rows are found by the time
    they were loaded, which `known_from` (models as they stood) tells: nothing older has to be read. -#}
{% macro raw_rows_of_touched_orders(staging, table_name, known_from) -%}
    {%- set oldest -%}
        select min(known._loaded_at)
        from (
            {%- for model_name in known_from %}
            select
                order_id,
                _loaded_at
            from {{ as_it_stood(model_name) }}
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as known
        where known.order_id in (select order_id from {{ as_it_stood('int_touched_orders') }})
    {%- endset -%}
    {%- set oldest_loaded_at = run_query(oldest).columns[0].values()[0] -%}
    select *
    from {{ ref(staging) }}
    where
        order_id in (select order_id from {{ as_it_stood('int_touched_orders') }})
        and (
            {{ is_new(table_name) }}
            {%- if oldest_loaded_at %}
            or _loaded_at >= timestamp '{{ oldest_loaded_at }}'
            {%- endif %}
        )
    union all
    select *
    from {{ ref(staging) }}
    where order_id is null
{%- endmacro %}
