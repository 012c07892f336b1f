{{ config(materialized='view', alias='customers') }}

with versions as (
    select * from {{ ref('int_customer_versions').include(database=false) }}
),

rejected as (
    select
        rejection_reasons,
        customer_id,
        acquisition_campaign_id,
        email,
        phone,
        first_name,
        last_name,
        country_code,
        acquisition_channel,
        email_consent,
        sms_consent,
        push_consent,
        is_test,
        birth_date,
        created_at,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
)

select * from rejected
