with loyalty_memberships as (
    select * from {{ source('raw', 'loyalty_memberships') }}
),

judged as (
    select
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
        raw_row,
        {{ rejection_reasons('cell_rejection_reasons', {
            'unknown_event_type': "event_type not in ('enrolled', 'renewed', 'tier_changed', 'left')",
            'negative_amount': 'fee_amount < 0',
        }) }} as rejection_reasons
    from loyalty_memberships
)

select * from judged
