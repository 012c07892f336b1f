{#- The version of each record that stands, as a SELECT over the relation `judged`
    (row_key, row_hash, updated_at, _loaded_at, rejection_reasons and whatever else it has).
    Only records with several good versions are sorted: a window over all rows costs
    several times the read. A relation and not a CTE, which DuckDB would hold in memory whole. -#}
{% macro standing_versions(judged) -%}
    select *
    from (
        select
            judged.*,
            cast(1 as bigint) as version_number,
            cast(0 as bigint) as superseded_versions
        from {{ judged }} as judged
        left join ({{ repeated_keys(judged) }}) as repeated_keys
            on judged.row_key = repeated_keys.row_key
        where judged.rejection_reasons is null and repeated_keys.row_key is null

        union all

        select
            judged.*,
            row_number() over newest_first as version_number,
            count(*) over (
                newest_first rows between 1 following and unbounded following
            ) as superseded_versions
        from {{ judged }} as judged
        inner join ({{ repeated_keys(judged) }}) as repeated_keys
            on judged.row_key = repeated_keys.row_key
        where judged.rejection_reasons is null
        window newest_first as (
            partition by judged.row_key
            order by
                judged.updated_at desc nulls last,
                judged._loaded_at desc nulls last,
                judged.row_hash desc
        )
    ) as versions
    where version_number = 1
{%- endmacro %}


{% macro repeated_keys(judged) -%}
    select row_key
    from {{ judged }}
    where rejection_reasons is null
    group by row_key
    having count(*) > 1
{%- endmacro %}
