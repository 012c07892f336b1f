with customer_aliases as (
    select * from {{ source('raw', 'customer_aliases') }}
),

judged as (
    select
        alias_customer_id,
        customer_id,
        updated_at,
        _loaded_at,
        row_key,
        raw_row,
        cell_rejection_reasons as rejection_reasons
    from customer_aliases
)

select * from judged
