{{ config(
    materialized='incremental',
    incremental_strategy='touched',
    meta={'touched': {'customer_id': 'int_arrived_customers'}}
) }}

with standing as (
    {{ standing_versions(ref('int_arrived_customers'), ref('int_customer_versions')) }}
)

select
    customer_id,
    acquisition_campaign_id,
    lower(email) as email,
    country_code,
    acquisition_channel,
    email_consent,
    sms_consent,
    push_consent,
    is_test,
    created_at,
    _loaded_at
from standing
