{{ config(materialized='view', alias='refunds') }}

with versions as (
    select * from {{ ref('int_refund_versions').include(database=false) }}
),

refunds as (
    select * from {{ ref('int_refunds').include(database=false) }}
),

all_rejected as (
    select
        rejection_reasons,
        refund_id,
        order_id,
        refund_amount,
        refunded_shipping_amount,
        refunded_tax_amount,
        reason,
        refunded_at,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from versions
    where rejection_reasons is not null
    union all
    select
        rejection_reasons,
        refund_id,
        order_id,
        refund_amount,
        refunded_shipping_amount,
        refunded_tax_amount,
        reason,
        refunded_at,
        updated_at,
        _loaded_at,
        row_key,
        {{ struct_as_json('raw_row') }} as raw_row
    from refunds
    where rejection_reasons is not null
)

select * from all_rejected
