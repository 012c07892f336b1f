{{ config(alias='customer_aliases') }}

with versions as (
    select * from {{ ref('int_customer_alias_versions') }}
),

standing as (
    {{ standing_versions(ref('stg_customer_aliases'), ref('int_customer_alias_versions')) }}
),

cycles as (
    select
        alias_customer_id,
        rejection_reasons
    from {{ ref('int_customer_alias_ends') }}
    where rejection_reasons is not null
),

all_rejected as (
    select
        rejection_reasons,
        alias_customer_id,
        customer_id,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
    union all
    select
        cycles.rejection_reasons,
        standing.alias_customer_id,
        standing.customer_id,
        standing.updated_at,
        standing._loaded_at,
        standing.row_key,
        {{ struct_as_json('standing.raw_row') }} as raw_row
    from cycles
    inner join standing
        on cycles.alias_customer_id = standing.row_key
)

select * from all_rejected
