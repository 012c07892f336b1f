{{ config(alias='customers') }}

with judged as (
    select * from {{ ref('stg_customers') }}
)

select *
from judged
where rejection_reasons is not null
