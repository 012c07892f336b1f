{{ config(alias='loyalty_programs') }}

with judged as (
    select * from {{ ref('stg_loyalty_programs') }}
)

select *
from judged
where rejection_reasons is not null
