{{ config(alias='loyalty_transactions') }}

with judged as (
    select * from {{ ref('int_loyalty_transactions_judged') }}
)

select *
from judged
where rejection_reasons is not null
