{#- Of the good rows of one record the newest stands, by (updated_at, _loaded_at, hash of the row).

    versions_in_doubt: the rows that are rejected and those that share their key with another, the
    good ones of a key numbered from the newest. Few rows are either, so only those are sorted and
    kept whole. The IN beside an OR is no join whose sides the engine could swap: it always hashes the few keys.
    standing_versions: the rows that stand, from the keys that came once and the numbered ones. A row that is rejected has
    no key, or one that is in doubt; so reasons, and what is read and joined for them alone, are not made again.

    `judged` is a relation with row_key, updated_at, _loaded_at, raw_row and rejection_reasons. Where
    row_key is a hash of several columns, name them as `key`: to compare them costs a third. Where judging joins
    large tables, `staged` names the relation that the rows came from: keys are counted there in a full build, and
    not joined first. -#}
{% macro versions_in_doubt(judged, key=['row_key'], staged=none) -%}
    select
        in_doubt.*,
        case
            when rejection_reasons is null then row_number() over (
                partition by {{ key | join(', ') }}, rejection_reasons is null
                order by
                    updated_at desc nulls last,
                    _loaded_at desc nulls last,
                    md5({{ struct_as_json('raw_row') }}) desc
            )
        end as version_number
    from (
        select *
        from {{ judged }}
        where
            rejection_reasons is not null
            or ({{ key | join(', ') }}) in (
                select {{ key | join(', ') }}
                from {{ staged if staged and not is_batch() else judged }}
                group by {{ key | join(', ') }}
                having count(*) > 1
            )
    ) as in_doubt
{%- endmacro %}


{% macro standing_versions(judged, versions, key=['row_key']) -%}
    select
        judged.*,
        cast(1 as bigint) as version_number
    from {{ judged }} as judged
    left join (select distinct {{ key | join(', ') }} from {{ versions }}) as keys_in_doubt
        on {% for column in key %}{{ 'and ' if not loop.first }}judged.{{ column }} = keys_in_doubt.{{ column }} {% endfor %}
    where
        keys_in_doubt.{{ key[0] }} is null
        {%- for column in key %}
        and judged.{{ column }} is not null
        {%- endfor %}
    union all
    select *
    from {{ versions }}
    where
        version_number = 1
        {%- if is_batch() %}
        and ({{ key | join(', ') }}) in (select {{ key | join(', ') }} from {{ judged }})
        {%- endif %}
{%- endmacro %}
