{{ config(alias='loyalty_programs') }}

with versions as (
    select * from {{ ref('int_loyalty_program_versions') }}
),

rejected as (
    select
        rejection_reasons,
        program_id,
        program_name,
        program_type,
        delivery,
        point_value,
        points_expire_after_days,
        expected_redemption_rate,
        partner_cost_share,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
)

select * from rejected
