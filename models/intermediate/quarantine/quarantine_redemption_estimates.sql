{{ config(alias='redemption_estimates') }}

with versions as (
    select * from {{ ref('int_redemption_estimate_versions') }}
),

rejected as (
    select
        rejection_reasons,
        program_id,
        effective_from,
        expected_redemption_rate,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
)

select * from rejected
