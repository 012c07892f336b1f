{{ config(alias='exchange_rates') }}

with versions as (
    select * from {{ ref('int_exchange_rate_versions') }}
),

rejected as (
    select
        rejection_reasons,
        rate_date,
        currency,
        rate_to_reporting,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
)

select * from rejected
