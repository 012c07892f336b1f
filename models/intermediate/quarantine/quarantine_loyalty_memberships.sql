{{ config(alias='loyalty_memberships') }}

with versions as (
    select * from {{ ref('int_loyalty_membership_versions') }}
),

rejected as (
    select
        rejection_reasons,
        membership_event_id,
        customer_id,
        program_id,
        event_type,
        tier,
        fee_amount,
        occurred_at,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
)

select * from rejected
