{#- All raw rows of the touched keys, and new rows without a key. `touched` is a SELECT of the keys.

    Older rows of a key are found by the very times they were loaded, which `known_from` (models as they stood) tells:
    as literals, so that a columnar file is not read where no such row lies. Older rows without a key lie anywhere; all
    are rejected, so the last of `known_from`, which keeps rejected rows whole, has them. -#}
{% macro raw_rows_of_keys(staging, table_name, key, touched, known_from) -%}
    {%- set known -%}
        select distinct known._loaded_at
        from (
            {%- for model_name in known_from %}
            select
                {{ key }},
                _loaded_at
            from {{ as_it_stood(model_name) }}
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as known
        where known.{{ key }} in ({{ touched }}) and not {{ is_new(table_name) }}
        order by 1
    {%- endset -%}
    {%- set loaded_at = run_query(known).columns[0].values() | list -%}
    select *
    from {{ ref(staging) }}
    where {{ key }} in ({{ touched }}) and {{ is_new(table_name) }}
    union all
    {%- if loaded_at %}
    select *
    from {{ ref(staging) }}
    where
        {{ key }} in ({{ touched }})
        and not {{ is_new(table_name) }}
        {%- if loaded_at | length > 1000 %}
        and _loaded_at >= timestamp '{{ loaded_at[0] }}'
        {%- else %}
        and _loaded_at in (
            {%- for time in loaded_at %}timestamp '{{ time }}'{{ ', ' if not loop.last }}{% endfor -%}
        )
        {%- endif %}
    union all
    {%- endif %}
    select *
    from {{ ref(staging) }}
    where {{ key }} is null and {{ is_new(table_name) }}
    {%- if are_keyless_rows_read(table_name) == 'true' %}
    union all
    select {{ adapter.get_columns_in_relation(ref(staging)) | map(attribute='quoted') | join(', ') }}
    from {{ as_it_stood(known_from | last) }}
    where {{ key }} is null and not {{ is_new(table_name) }}
    {%- endif %}
{%- endmacro %}


{#- Which rows without a key a batch reads: new ones and, where other tables may have changed their reasons, all. Orders
    are others in every batch. -#}
{% macro are_keyless_rows_read(table_name) -%}
    {%- set judged_by_orders = ['refunds'] -%}
    {%- set judged_by = {'orders': 'int_order_exchange_rates', 'loyalty_transactions': 'int_loyalty_programs'} -%}
    {%- if table_name in judged_by_orders -%}
        true
    {%- elif table_name in judged_by and run_query(
        'select count(*) from ' ~ as_it_stood(judged_by[table_name]) ~ ' where changed_batch > ' ~ this_batch().base_batch
    ).columns[0].values()[0] -%}
        true
    {%- else -%}
        {{ is_new(table_name) }}
    {%- endif -%}
{%- endmacro %}
