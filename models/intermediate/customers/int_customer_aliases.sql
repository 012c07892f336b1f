{{ config(materialized='view') }}

select
    alias_customer_id,
    customer_id
from {{ ref('int_customer_alias_ends') }}
where rejection_reasons is null
