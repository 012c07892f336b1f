{#- Incremental strategy `touched`: rows of touched keys are taken out, and put in as the model has them now. A row
    that is no more is so gone too, which dbt's delete+insert, by the keys of new rows, would leave.
    Config: meta.touched, a mapping of a column to the model that holds the touched values; meta.keyless_rows_of,
    the raw table of which rows without a key are among them. -#}
{% macro get_incremental_touched_sql(arguments) -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') -%}
    {%- for column, touched in config.get('meta').touched.items() %}
    delete from {{ arguments.target_relation }}
    where
        {{ column }} in (
            select {{ column }} from {{ as_it_stood(touched) }}
            union all
            select {{ column }} from {{ arguments.temp_relation }}
        )
        {{ 'or (' ~ column ~ ' is null and ' ~ are_keyless_rows_read(config.get('meta').keyless_rows_of) ~ ')' if config.get('meta').keyless_rows_of }};
    {%- endfor %}
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}


{#- Incremental strategy `gathered`: touched keys, kept until every model has taken them in; with meta.keeps_base one
    run longer, for the next to see. -#}
{% macro get_incremental_gathered_sql(arguments) -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments.target_relation }} where batch {{ '<' if config.get('meta').keeps_base else '<=' }} {{ this_batch().base_batch }};
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}


{#- Incremental strategy `changes`: sums by unique_key. A batch adds what touched rows now come to and takes off what
    they came to before, which is nothing for most keys; a key of which nothing is left is gone. Taken in twice it would
    be wrong, so after a run that died everything is rebuilt (see begin_batch). -#}
{% macro get_incremental_changes_sql(arguments) %}
    {%- set keys = arguments.unique_key -%}
    {%- set changed, is_same_key, names, sums, is_zero, sums_are_zero = arguments.temp_relation, [], [], [], [], [] -%}
    {%- for key in keys -%}
        {%- do is_same_key.append('standing.' ~ key ~ ' is not distinct from changed.' ~ key) -%}
    {%- endfor -%}
    {%- for column in arguments.dest_columns if column.name not in keys -%}
        {%- do names.append(column.name) -%}
        {%- do sums.append('sum(' ~ column.name ~ ')') -%}
        {%- do is_zero.append('coalesce(' ~ column.name ~ ', 0) = 0') -%}
        {%- do sums_are_zero.append('coalesce(sum(' ~ column.name ~ '), 0) = 0') -%}
    {%- endfor -%}
    {%- set columns = (keys + names) | join(', ') -%}
    {%- set is_changed = 'exists (select 1 from ' ~ changed ~ ' as changed where ' ~ is_same_key | join(' and ') ~ ')' -%}
    delete from {{ changed }} where {{ is_zero | join(' and ') }};
    insert into {{ changed }} ({{ columns }})
    select {{ columns }} from {{ arguments.target_relation }} as standing where {{ is_changed }};
    delete from {{ arguments.target_relation }} as standing where {{ is_changed }};
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ (keys + sums) | join(', ') }} from {{ changed }}
    group by {{ keys | join(', ') }}
    having not ({{ sums_are_zero | join(' and ') }})
{%- endmacro %}


{#- Incremental strategy `replaced`: a small table that each run makes whole. It is incremental only so that it is known
    which batch it belongs to: sums are as of the as_of of their batch. -#}
{% macro get_incremental_replaced_sql(arguments) -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments.target_relation }};
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}
