with loyalty_transactions as (
    select * from {{ source('raw', 'loyalty_transactions') }}
),

judged as (
    select
        loyalty_transaction_id,
        customer_id,
        program_id,
        order_id,
        partner_id,
        reward_id,
        transaction_type,
        activity,
        reward_type,
        points,
        reward_cost,
        occurred_at,
        available_at,
        expires_at,
        updated_at,
        _loaded_at,
        row_key,
        raw_row,
        {{ rejection_reasons('cell_rejection_reasons', {
            'unknown_transaction_type': "transaction_type not in "
                ~ "('earn', 'redeem', 'expire', 'cancel_earn', 'restore', 'adjust')",
            'expires_before_earned': 'expires_at < occurred_at',
            'negative_amount': 'reward_cost < 0',
        }) }} as row_rejection_reasons
    from loyalty_transactions
)

select * from judged
