{{ config(alias='refunds') }}

with versions as (
    select * from {{ ref('int_refund_versions') }}
),

standing as (
    {{ standing_versions(ref('int_refunds_judged'), ref('int_refund_versions')) }}
),

rejected as (
    select
        row_key,
        rejection_reasons
    from {{ ref('int_refunds') }}
    where rejection_reasons is not null
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
        rejected.rejection_reasons,
        standing.refund_id,
        standing.order_id,
        standing.refund_amount,
        standing.refunded_shipping_amount,
        standing.refunded_tax_amount,
        standing.reason,
        standing.refunded_at,
        standing.updated_at,
        standing._loaded_at,
        standing.row_key,
        {{ struct_as_json('standing.raw_row') }} as raw_row
    from rejected
    inner join standing
        on rejected.row_key = standing.row_key
)

select * from all_rejected
