{#- Of the good rows of one record the newest stands, by (updated_at, _loaded_at, hash of the row).

    repeated_versions: the versions of the records that have several, numbered from the newest. Few
    records do, so only those are sorted: a window over all rows costs several times the read.
    standing_versions: the rows that stand, from the records with one version and the numbered ones.

    `judged` is a relation with row_key, updated_at, _loaded_at, raw_row and rejection_reasons. Where
    row_key is a hash of several columns, name them as `key`: to compare them costs a third. -#}
{% macro repeated_versions(judged, key=['row_key']) -%}
    with repeated_keys as (
        select {{ key | join(', ') }}
        from {{ judged }}
        where rejection_reasons is null
        group by {{ key | join(', ') }}
        having count(*) > 1
    )

    select
        judged.*,
        row_number() over (
            partition by judged.{{ key | join(', judged.') }}
            order by
                judged.updated_at desc nulls last,
                judged._loaded_at desc nulls last,
                md5({{ struct_as_json('judged.raw_row') }}) desc
        ) as version_number
    from {{ judged }} as judged
    inner join repeated_keys
        on {% for column in key %}{{ 'and ' if not loop.first }}judged.{{ column }} = repeated_keys.{{ column }} {% endfor %}
    where judged.rejection_reasons is null
{%- endmacro %}


{% macro standing_versions(judged, versions, key=['row_key']) -%}
    select
        judged.*,
        cast(1 as bigint) as version_number
    from {{ judged }} as judged
    left join (select distinct {{ key | join(', ') }} from {{ versions }}) as repeated_keys
        on {% for column in key %}{{ 'and ' if not loop.first }}judged.{{ column }} = repeated_keys.{{ column }} {% endfor %}
    where judged.rejection_reasons is null and repeated_keys.{{ key[0] }} is null
    union all
    select *
    from {{ versions }}
    where version_number = 1
{%- endmacro %}
