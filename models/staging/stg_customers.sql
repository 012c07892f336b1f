with customers as (
    select * from {{ source('raw', 'customers') }}
),

judged as (
    select
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
        raw_row,
        cell_rejection_reasons as rejection_reasons
    from customers
)

select * from judged
