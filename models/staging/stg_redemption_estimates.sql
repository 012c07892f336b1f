with redemption_estimates as (
    select * from {{ source('raw', 'redemption_estimates') }}
),

judged as (
    select
        program_id,
        effective_from,
        expected_redemption_rate,
        updated_at,
        _loaded_at,
        row_key,
        raw_row,
        {{ rejection_reasons('cell_rejection_reasons', {
            'negative_amount': 'expected_redemption_rate < 0',
            'unparseable_expected_redemption_rate': 'expected_redemption_rate > 1',
        }) }} as rejection_reasons
    from redemption_estimates
)

select * from judged
