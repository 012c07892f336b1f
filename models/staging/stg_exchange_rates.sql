with exchange_rates as (
    select * from {{ source('raw', 'exchange_rates') }}
),

judged as (
    select
        rate_date,
        currency,
        rate_to_reporting,
        updated_at,
        _loaded_at,
        row_key,
        raw_row,
        {{ rejection_reasons('cell_rejection_reasons', {
            'negative_amount': 'rate_to_reporting <= 0',
        }) }} as rejection_reasons
    from exchange_rates
)

select * from judged
